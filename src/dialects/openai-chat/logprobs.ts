/**
 * Decides: how token log-probabilities are read and written.
 * Never: reads the older form (parallel lists of tokens and numbers) that some look-alikes send.
 */
import type { TokenLogprob } from "../../domain/chat.ts";
import { objectsIn } from "../loosely.ts";
import { isObject, type Json } from "../reading.ts";

type Bare = Omit<TokenLogprob, "top_logprobs">;

const bare = (entry: Json): Bare | undefined => {
  const { token, logprob, bytes } = entry as {
    token?: unknown;
    logprob?: unknown;
    bytes?: unknown;
  };
  if (typeof token !== "string" || typeof logprob !== "number") return undefined;
  return { token, logprob, bytes: Array.isArray(bytes) ? (bytes as number[]) : null };
};

export const decodeLogprobs = (value: unknown): readonly TokenLogprob[] | undefined => {
  if (!isObject(value)) return undefined;
  const tokens = objectsIn(value["content"] ?? value["refusal"]).flatMap((entry) => {
    const token = bare(entry);
    if (token === undefined) return [];
    const top = objectsIn(entry["top_logprobs"]).flatMap((other) => bare(other) ?? []);
    return [{ ...token, top_logprobs: top }];
  });
  return tokens.length > 0 ? tokens : undefined;
};

const withBytes = (entry: Bare) => ({
  token: entry.token,
  logprob: entry.logprob,
  bytes: entry.bytes ?? null,
});

/** null where there are none: the field itself is required. */
export const encodeLogprobs = (tokens: readonly TokenLogprob[] | undefined): unknown =>
  tokens === undefined
    ? null
    : {
        content: tokens.map((token) => ({
          ...withBytes(token),
          top_logprobs: (token.top_logprobs ?? []).map(withBytes),
        })),
        refusal: null,
      };
