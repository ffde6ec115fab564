/**
 * Decides: which fields of a body change the answer, dialect by dialect; all that are not named here do.
 * Never: fills in a sampling default: what a provider takes for it differs from provider to provider.
 */
import { isRecord, own } from "../../base/record.ts";
import type { DialectName } from "../../domain/dialect-name.ts";

type Body = Readonly<Record<string, unknown>>;

/** The gateway's own, who asks, how the answer travels, and hints for the provider's prompt cache. */
const NEVER_MATTER: ReadonlySet<string> = new Set([
  "model",
  "models",
  "fallback_models",
  "headgate",
  "use_cache",
  "stream",
  "stream_options",
  "user",
  "metadata",
  "store",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "labels",
]);

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);

/** What a field says when it says nothing: by the dialect's own definition, whoever serves it. */
const SAYS_NOTHING: Readonly<Record<DialectName, Readonly<Record<string, unknown>>>> = {
  "openai-chat": { n: 1, logprobs: false, service_tier: "auto", response_format: { type: "text" } },
  "anthropic-messages": { service_tier: "auto" },
  gemini: {},
};

const says = (value: unknown, nothing: unknown): boolean =>
  isEmpty(value) || (nothing !== undefined && JSON.stringify(value) === JSON.stringify(nothing));

const withoutMark = (value: unknown): unknown => {
  if (!isRecord(value) || !("cache_control" in value)) return value;
  const { cache_control: _, ...rest } = value;
  return rest;
};

/** One text in a list is the text; marks for the provider's prompt cache do not change an answer. */
const content = (value: unknown): unknown => {
  if (typeof value === "string") return [{ type: "text", text: value }];
  return Array.isArray(value) ? value.map(withoutMark) : value;
};

const message = (value: unknown): unknown => {
  if (!isRecord(value)) return value;
  const fields = Object.entries(value).filter(
    ([name, one]) => name === "content" || !(isEmpty(one) || name === "cache_control"),
  );
  return { ...Object.fromEntries(fields), content: content(value["content"]) };
};

const list = (value: unknown, each: (one: unknown) => unknown): unknown =>
  Array.isArray(value) ? value.map(each) : value;

const FORMS: Readonly<Record<DialectName, Readonly<Record<string, (value: unknown) => unknown>>>> =
  {
    "openai-chat": {
      messages: (value) => list(value, message),
      tools: (value) => list(value, withoutMark),
      stop: (value) => (typeof value === "string" ? [value] : value),
    },
    "anthropic-messages": {
      messages: (value) => list(value, message),
      system: content,
      tools: (value) => list(value, withoutMark),
    },
    gemini: {},
  };

/** Google takes its fields in camel case and in snake case. Where both are given, both stand in the key. */
const nameOf = (dialect: DialectName, name: string, body: Body): string => {
  if (dialect !== "gemini") return name;
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.hasOwn(body, camel) ? name : camel;
};

/** The body's fields that change the answer, in one form each. New objects; the body stays as it is. */
export const fieldsThatMatter = (dialect: DialectName, body: Body): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (NEVER_MATTER.has(name) || says(value, own(SAYS_NOTHING[dialect], name))) continue;
    fields[nameOf(dialect, name, body)] = own(FORMS[dialect], name)?.(value) ?? value;
  }
  // Without tools there is nothing to choose from.
  if (fields["tools"] === undefined && fields["functions"] === undefined) {
    delete fields["tool_choice"];
    delete fields["parallel_tool_calls"];
  }
  return fields;
};
