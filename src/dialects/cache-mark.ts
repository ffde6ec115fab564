/**
 * Decides: how a prompt-cache mark stands on the wire: `cache_control: {type: "ephemeral", ttl?}`,
 * in Anthropic's dialect and, as OpenRouter takes it, in OpenAI's.
 * Never: decides where marks make sense.
 */
import type { CacheMark } from "../domain/chat.ts";
import { invalid, type Reading, readObject } from "./reading.ts";

export const readCacheMark = (
  reading: Reading,
  value: unknown,
  path: string,
): CacheMark | undefined => {
  const mark = readObject(reading, value, path);
  if (mark === undefined) return undefined;
  if (mark["type"] !== "ephemeral") return invalid(reading, `${path}.type`);
  const ttl = mark["ttl"];
  if (ttl === undefined || ttl === null) return {};
  return ttl === "5m" || ttl === "1h" ? { ttl } : invalid(reading, `${path}.ttl`);
};

/** A spreadable field; empty where there is no mark. */
export const cacheControl = (
  mark: CacheMark | undefined,
): { cache_control?: { type: "ephemeral"; ttl?: "5m" | "1h" } } =>
  mark === undefined ? {} : { cache_control: { type: "ephemeral", ...mark } };
