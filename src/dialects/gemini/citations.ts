/**
 * Decides: how `groundingMetadata` and `citationMetadata` become citations, and citations grounding.
 * Never: confuses units: Gemini counts UTF-8 bytes of the text, the canonical form characters.
 */
import type { Citation } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { objectsIn, wordIn } from "../loosely.ts";
import { isObject, type Json } from "../reading.ts";
import type { Wire } from "./wire.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** From a place in the bytes to one in the characters; undefined for what is no place. */
const charactersUpTo = (bytes: Uint8Array, place: unknown): number | undefined =>
  typeof place === "number" && place >= 0
    ? text.decode(bytes.subarray(0, place)).length
    : undefined;

/** proto3 JSON leaves out a start of 0; without an end there is no span at all. */
const spanOf = (segment: Json, bytes: Uint8Array) => {
  const end = charactersUpTo(bytes, segment["endIndex"]);
  return {
    start: end === undefined ? undefined : charactersUpTo(bytes, segment["startIndex"] ?? 0),
    end,
  };
};

/** A page of the web, or a passage of the caller's own store. */
const sourceOf = (chunk: Json | undefined) => {
  const page = isObject(chunk?.["web"]) ? chunk["web"] : chunk?.["retrievedContext"];
  return isObject(page) ? { url: wordIn(page["uri"]), title: wordIn(page["title"]) } : {};
};

const fromGrounding = (metadata: Json, bytes: Uint8Array): Citation[] => {
  const chunks = objectsIn(metadata["groundingChunks"]);
  return objectsIn(metadata["groundingSupports"]).flatMap((support) => {
    const segment = isObject(support["segment"]) ? support["segment"] : {};
    const indices = Array.isArray(support["groundingChunkIndices"])
      ? support["groundingChunkIndices"]
      : [];
    return indices.map((index: unknown) =>
      defined({
        ...sourceOf(typeof index === "number" ? chunks[index] : undefined),
        ...spanOf(segment, bytes),
        quote: wordIn(segment["text"]),
      }),
    );
  });
};

/** `citationSources` at the Gemini API, `citations` at Vertex. */
const fromSources = (metadata: Json, bytes: Uint8Array): Citation[] =>
  objectsIn(metadata["citationSources"] ?? metadata["citations"]).map((source) =>
    defined({
      url: wordIn(source["uri"]),
      title: wordIn(source["title"]),
      ...spanOf(source, bytes),
    }),
  );

/** `answer` is the text that the metadata speak of, from its beginning. */
export const decodeCitations = (candidate: Json, answer: string): Citation[] => {
  const { groundingMetadata, citationMetadata } = candidate as Record<string, unknown>;
  if (groundingMetadata === undefined && citationMetadata === undefined) return [];
  const bytes = utf8.encode(answer);
  return [
    ...(isObject(groundingMetadata) ? fromGrounding(groundingMetadata, bytes) : []),
    ...(isObject(citationMetadata) ? fromSources(citationMetadata, bytes) : []),
  ];
};

const bytesUpTo = (answer: string, place: number | undefined): number | undefined =>
  place === undefined ? undefined : utf8.encode(answer.slice(0, place)).length;

export const encodeCitations = (citations: readonly Citation[], answer: string): Wire => ({
  groundingChunks: citations.map(({ url, title }) => ({ web: defined({ uri: url, title }) })),
  groundingSupports: citations.map(({ start, end, quote }, index) => ({
    segment: defined({
      startIndex: bytesUpTo(answer, start),
      endIndex: bytesUpTo(answer, end),
      text: quote,
    }),
    groundingChunkIndices: [index],
  })),
});
