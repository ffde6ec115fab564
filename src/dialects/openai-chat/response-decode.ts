/**
 * Decides: how a whole answer of an OpenAI-speaking server is read.
 * Never: insists on a field that some look-alike leaves out; only `choices` has to be there.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatResponse, Choice, Part } from "../../domain/chat.ts";
import { sourceFromUrl } from "../data-url.ts";
import { defined } from "../defined.ts";
import { isObject, type Json } from "../reading.ts";
import { answerContent } from "./answer-content.ts";
import { decodeAnnotations } from "./citations.ts";
import { decodeFinish } from "./finish.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { thoughtsOf } from "./reasoning.ts";
import { signatureOf, toolCallParts } from "./tool-calls.ts";
import { decodeUsage } from "./usage.ts";

const FIELDS: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created",
  "model",
  "choices",
  "usage",
]);

/** Adjacent texts are one: citations count characters of the whole answer. */
const textParts = (message: Json): Part[] => {
  const pieces = answerContent(message["content"]);
  const thinking = pieces.filter((piece) => piece.type === "thinking");
  const text = pieces.map((piece) => (piece.type === "text" ? piece.text : "")).join("");
  const citations = decodeAnnotations(message["annotations"]);
  if (text === "" && citations.length === 0) return thinking;
  const optional = defined({
    citations: citations.length > 0 ? citations : undefined,
    signature: signatureOf(message),
  });
  return [...thinking, { type: "text", text, ...optional }];
};

/** OpenRouter's generated images. */
const imageParts = (message: Json): Part[] => {
  const images = message["images"];
  if (!Array.isArray(images)) return [];
  return images.filter(isObject).flatMap((image): Part[] => {
    const link = image["image_url"];
    const url = isObject(link) ? link["url"] : undefined;
    const source = typeof url === "string" ? sourceFromUrl(url) : undefined;
    return source === undefined ? [] : [{ type: "image", source }];
  });
};

const decodeChoice = (choice: Json, position: number, answerId: string): Choice => {
  const message = isObject(choice["message"]) ? choice["message"] : {};
  const index = typeof choice["index"] === "number" ? choice["index"] : position;
  const calls = toolCallParts(message, `call_${answerId}_${index}`);
  const refusal = message["refusal"];
  return {
    index,
    content: [
      ...thoughtsOf(message).map(({ part }) => part),
      ...textParts(message),
      ...imageParts(message),
      ...(typeof refusal === "string" ? [{ type: "refusal" as const, text: refusal }] : []),
      ...calls,
    ],
    finish_reason: decodeFinish(choice["finish_reason"], calls.length > 0),
    ...defined({ logprobs: decodeLogprobs(choice["logprobs"]) }),
  };
};

export const decodeResponse = (body: unknown): Result<ChatResponse, "invalid"> => {
  if (!isObject(body) || !Array.isArray(body["choices"])) return err("invalid");
  const id = typeof body["id"] === "string" ? body["id"] : "";
  const { created, model } = body as { created?: unknown; model?: unknown };
  const extra = Object.entries(body).filter(([name]) => !FIELDS.has(name));
  return ok({
    id,
    model: typeof model === "string" ? model : "",
    choices: body["choices"]
      .filter(isObject)
      .map((choice, position) => decodeChoice(choice, position, id)),
    extra: Object.fromEntries(extra),
    ...defined({
      created: typeof created === "number" ? Math.floor(created) : undefined,
      usage: decodeUsage(body["usage"]),
    }),
  });
};
