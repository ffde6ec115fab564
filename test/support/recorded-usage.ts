/**
 * Decides: what the provider's own figures are in the normal form of usage, by each provider's
 * documentation and by other means than the dialects'.
 * Never: fills a figure in: what was not reported is absent, a reported nought is nought.
 */
import type { DialectName } from "../../src/domain/dialect-name.ts";
import type { Usage } from "../../src/domain/usage.ts";

type Json = Record<string, unknown>;
const sub = (json: Json, key: string): Json => (json[key] ?? {}) as Json;
const num = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** Without the fields that are undefined; undefined when none is left. */
const present = (usage: { [K in keyof Usage]: number | undefined }): Usage | undefined => {
  const kept = Object.entries(usage).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as Usage);
};

const openAi = (usage: Json): Usage | undefined => {
  const inside = sub(usage, "prompt_tokens_details");
  const out = sub(usage, "completion_tokens_details");
  const prompt = num(usage["prompt_tokens"]);
  const completion = num(usage["completion_tokens"]);
  const total = num(usage["total_tokens"]);
  const hit =
    num(inside["cached_tokens"]) ??
    num(usage["prompt_cache_hit_tokens"]) ??
    num(usage["cached_tokens"]) ??
    num(usage["num_cached_tokens"]);
  const written = num(inside["cache_write_tokens"]);
  const reasoning = num(out["reasoning_tokens"]);
  const audio = num(inside["audio_tokens"]);
  // xAI counts reasoning, Mistral audio, beside the figure it is a part of elsewhere: the total tells.
  const unaccounted = (total ?? 0) - (prompt ?? 0) - (completion ?? 0);
  const besideOutput = unaccounted > 0 && unaccounted === reasoning ? unaccounted : 0;
  const besideInput = unaccounted > 0 && unaccounted === audio ? unaccounted : 0;
  // OpenRouter counts what was read and written again twice (its bill says so); Azure's Grok reports
  // more cached than there was input: what its total does not hold either.
  const whole = (prompt ?? 0) + besideInput;
  const read = hit !== undefined && prompt !== undefined && hit > whole ? whole : hit;
  const parts = (read ?? 0) + (written ?? 0);
  const fresh = whole - (parts <= whole ? parts : Math.max(read ?? 0, written ?? 0));
  return present({
    input_tokens: prompt === undefined ? undefined : Math.max(0, fresh),
    cache_read_tokens: read,
    cache_write_5m_tokens: written,
    output_tokens: completion === undefined ? undefined : completion + besideOutput,
    reasoning_tokens: reasoning,
    audio_input_tokens: audio,
    audio_output_tokens: num(out["audio_tokens"]),
  });
};

const anthropic = (usage: Json): Usage | undefined => {
  const creation = usage["cache_creation"] as Json | null | undefined;
  const written = num(usage["cache_creation_input_tokens"]);
  const long = num(creation?.["ephemeral_1h_input_tokens"]);
  return present({
    input_tokens: num(usage["input_tokens"]),
    cache_read_tokens: num(usage["cache_read_input_tokens"]),
    // The total is the older and surer figure; a split may leave a part of it out.
    cache_write_5m_tokens:
      written === undefined ? num(creation?.["ephemeral_5m_input_tokens"]) : written - (long ?? 0),
    cache_write_1h_tokens: long,
    output_tokens: num(usage["output_tokens"]),
    reasoning_tokens: num(sub(usage, "output_tokens_details")["thinking_tokens"]),
  });
};

/** Tokens of one modality in Gemini's list of details. */
const modality = (details: unknown, name: string): number | undefined =>
  Array.isArray(details)
    ? num((details as Json[]).find((detail) => detail["modality"] === name)?.["tokenCount"])
    : undefined;

const gemini = (usage: Json): Usage | undefined => {
  const prompt = num(usage["promptTokenCount"]);
  const cached = num(usage["cachedContentTokenCount"]);
  const candidates = num(usage["candidatesTokenCount"]);
  const thoughts = num(usage["thoughtsTokenCount"]);
  const output = candidates === undefined && thoughts === undefined ? undefined : 0;
  const audio = modality(usage["promptTokensDetails"], "AUDIO");
  const cachedAudio = modality(usage["cacheTokensDetails"], "AUDIO");
  return present({
    input_tokens:
      prompt === undefined
        ? undefined
        : prompt + (num(usage["toolUsePromptTokenCount"]) ?? 0) - (cached ?? 0),
    cache_read_tokens: cached,
    output_tokens: output === undefined ? undefined : (candidates ?? 0) + (thoughts ?? 0),
    reasoning_tokens: thoughts,
    audio_input_tokens: audio === undefined ? undefined : audio - (cachedAudio ?? 0),
    audio_output_tokens: modality(usage["candidatesTokensDetails"], "AUDIO"),
  });
};

/** Reports of one answer are cumulative: the last word on each of the provider's own figures holds. */
export const recordedUsage = (
  dialect: DialectName,
  payloads: readonly Json[],
): Usage | undefined => {
  const reports = payloads.flatMap((payload) => {
    const groq = sub(payload, "x_groq")["usage"];
    const first = sub(payload, "message")["usage"];
    const report = payload["usage"] ?? groq ?? first ?? payload["usageMetadata"];
    return typeof report === "object" && report !== null ? [report as Json] : [];
  });
  if (reports.length === 0) return undefined;
  const merged = Object.assign({}, ...reports.map(withoutNull)) as Json;
  return { "openai-chat": openAi, "anthropic-messages": anthropic, gemini }[dialect](merged);
};

const withoutNull = (report: Json): Json =>
  Object.fromEntries(Object.entries(report).filter(([, value]) => value !== null));
