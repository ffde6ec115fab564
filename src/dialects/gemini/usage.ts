/**
 * Decides: how `usageMetadata` becomes the normal form and back.
 * Never: estimates. A count that is missing, negative or not whole is missing.
 */
import { totalInput, type Usage } from "../../domain/usage.ts";
import { defined } from "../defined.ts";
import { countIn } from "../loosely.ts";
import { isObject } from "../reading.ts";
import type { Wire } from "./wire.ts";

/** Tokens of sound in a list of {modality, tokenCount}. */
const audioIn = (details: unknown): number | undefined => {
  if (!Array.isArray(details)) return undefined;
  const audio: unknown = details.find((entry) => isObject(entry) && entry["modality"] === "AUDIO");
  return isObject(audio) ? countIn(audio["tokenCount"]) : undefined;
};

/** The sum of what is there; undefined when nothing is. */
const sum = (...counts: readonly (number | undefined)[]): number | undefined =>
  counts.every((one) => one === undefined)
    ? undefined
    : counts.reduce<number>((total, one) => total + (one ?? 0), 0);

const less = (whole: number | undefined, part: number | undefined): number | undefined =>
  whole === undefined ? undefined : Math.max(0, whole - (part ?? 0));

/** The prompt counts include what came from the cache; thoughts stand beside the candidates' tokens. */
export const decodeUsage = (value: unknown): Usage | undefined => {
  if (!isObject(value)) return undefined;
  const cached = countIn(value["cachedContentTokenCount"]);
  const prompt = countIn(value["promptTokenCount"]);
  const thoughts = countIn(value["thoughtsTokenCount"]);
  const audio = sum(
    audioIn(value["promptTokensDetails"]),
    audioIn(value["toolUsePromptTokensDetails"]),
  );
  const usage = defined({
    input_tokens: less(sum(prompt, countIn(value["toolUsePromptTokenCount"])), cached),
    cache_read_tokens: cached,
    output_tokens: sum(countIn(value["candidatesTokenCount"]), thoughts),
    reasoning_tokens: thoughts,
    audio_input_tokens: less(audio, audioIn(value["cacheTokensDetails"])),
    audio_output_tokens: audioIn(value["candidatesTokensDetails"]),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
};

const audioDetails = (tokenCount: number | undefined): Wire[] | undefined =>
  tokenCount === undefined ? undefined : [{ modality: "AUDIO", tokenCount }];

/** Newly cached tokens, which Gemini does not count apart, are in the prompt's. */
export const encodeUsage = (usage: Usage): Wire => {
  const input = usage.input_tokens === undefined ? undefined : totalInput(usage);
  return defined({
    promptTokenCount: input,
    cachedContentTokenCount: usage.cache_read_tokens,
    candidatesTokenCount: less(usage.output_tokens, usage.reasoning_tokens),
    thoughtsTokenCount: usage.reasoning_tokens,
    totalTokenCount: sum(input, usage.output_tokens),
    promptTokensDetails: audioDetails(usage.audio_input_tokens),
    candidatesTokensDetails: audioDetails(usage.audio_output_tokens),
  });
};

/** The usage in a whole answer or in one chunk of a stream. */
export const usageOf = (body: unknown): Usage | undefined =>
  isObject(body) ? decodeUsage(body["usageMetadata"]) : undefined;
