/**
 * Decides: how log probabilities stand in `logprobsResult`, both ways.
 * Never: makes up the bytes of a token, which Gemini does not tell.
 */
import type { TokenLogprob } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { isObject } from "../reading.ts";
import type { Wire } from "./wire.ts";

const decodeToken = (value: unknown): { token: string; logprob: number } | undefined => {
  if (!isObject(value)) return undefined;
  // proto3 JSON leaves out an empty token and a probability of exactly 1.
  const { token = "", logProbability = 0 } = value as { token?: unknown; logProbability?: unknown };
  return typeof token === "string" && typeof logProbability === "number"
    ? { token, logprob: logProbability }
    : undefined;
};

const decodeTokens = (value: unknown) =>
  (Array.isArray(value) ? value : []).map(decodeToken).filter((token) => token !== undefined);

export const decodeLogprobs = (value: unknown): TokenLogprob[] | undefined => {
  if (!isObject(value)) return undefined;
  const tops: unknown = value["topCandidates"];
  const chosen = decodeTokens(value["chosenCandidates"]);
  if (chosen.length === 0) return undefined;
  return chosen.map((token, at) => {
    const top: unknown = Array.isArray(tops) ? tops[at] : undefined;
    const top_logprobs = isObject(top) ? decodeTokens(top["candidates"]) : undefined;
    return { ...token, ...defined({ top_logprobs }) };
  });
};

type Token = { readonly token: string; readonly logprob: number };
const encodeToken = ({ token, logprob }: Token): Wire => ({ token, logProbability: logprob });

export const encodeLogprobs = (logprobs: readonly TokenLogprob[]): Wire => {
  const tops = logprobs.map((entry) => entry.top_logprobs);
  const told = tops.some((top) => top !== undefined);
  return {
    chosenCandidates: logprobs.map(encodeToken),
    ...(told
      ? { topCandidates: tops.map((top) => ({ candidates: (top ?? []).map(encodeToken) })) }
      : {}),
  };
};
