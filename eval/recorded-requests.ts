/**
 * Decides: which recorded requests an estimate can be held against, and what each one truly took.
 * Never: guesses: a request whose input is not all in its body (media, server tools) is counted apart.
 */
import { DIALECTS } from "../src/dialects/index.ts";
import type { ChatRequest } from "../src/domain/chat.ts";
import type { DialectName } from "../src/domain/dialect-name.ts";
import type { ProviderKind } from "../src/domain/target.ts";
import { totalInput } from "../src/domain/usage.ts";
import { lines } from "./data.ts";
import { DIALECT_OF } from "./recorded-answers.ts";

type Row = {
  readonly id: string;
  readonly provider: string;
  readonly api: string;
  readonly model: string;
  readonly request: Record<string, unknown>;
  readonly usage: unknown;
};

export type Recorded = {
  readonly id: string;
  readonly provider: string;
  readonly kind: ProviderKind;
  readonly model: string;
  readonly request: ChatRequest;
  /** Tokens that the provider says it read, cached ones included. */
  readonly input: number;
};

/** What each dialect calls the usage block of an answer. */
const USAGE_FIELDS: Readonly<Record<DialectName, string>> = {
  "openai-chat": "usage",
  "anthropic-messages": "usage",
  gemini: "usageMetadata",
};

const KINDS: Readonly<Record<string, ProviderKind>> = {
  azure: "openai",
  vertex: "gemini",
  anthropic: "anthropic",
  gemini: "gemini",
  mistral: "mistral",
  deepseek: "deepseek",
};

/** Fields that let a provider read more than the body holds. */
const OUTSIDE: readonly string[] = [
  "mcp_servers",
  "container",
  "web_search_options",
  "plugins",
  "cachedContent",
];

const isText = (request: ChatRequest): boolean => {
  const kinds = request.messages.flatMap(({ content }) => content.map(({ type }) => type));
  const media = kinds.some((kind) => ["image", "file", "audio", "opaque"].includes(kind));
  const native = request.tools?.some((tool) => tool.native !== undefined) === true;
  return !media && !native && !OUTSIDE.some((field) => field in request.extra);
};

const read = (row: Row): Recorded | string => {
  const name = DIALECT_OF[row.api];
  if (name === undefined) return `API ${row.api}`;
  const dialect = DIALECTS[name];
  const request = dialect.request.decode(row.request);
  if (!request.ok) return "refused by the dialect";
  const usage = dialect.response.usage({ [USAGE_FIELDS[name]]: row.usage });
  const input = usage === undefined ? 0 : totalInput(usage);
  if (input === 0) return "no input count";
  if (!isText(request.value)) return "media, server tools or input from outside";
  const { id, provider, model } = row;
  return { id, provider, kind: KINDS[provider] ?? "openai", model, request: request.value, input };
};

/** Text requests with their true input, and how many were left out for which reason. */
export const recordedRequests = (): {
  readonly requests: readonly Recorded[];
  readonly skipped: ReadonlyMap<string, number>;
} => {
  const requests: Recorded[] = [];
  const skipped = new Map<string, number>();
  for (const row of lines<Row>("tokenizer/recorded_usage.jsonl")) {
    const found = read(row);
    if (typeof found === "string") skipped.set(found, (skipped.get(found) ?? 0) + 1);
    else requests.push(found);
  }
  return { requests, skipped };
};
