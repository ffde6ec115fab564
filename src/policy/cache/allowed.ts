/**
 * Decides: whether a request may be answered from the cache, and its answer kept.
 * Never: looks into the cache, or at an answer (storable.ts).
 */
import { isRecord } from "../../base/record.ts";
import type { DialectName } from "../../domain/dialect-name.ts";
import type { Endpoint } from "../../domain/endpoint.ts";
import { matchesAny } from "../model-access.ts";
import type { CacheRules } from "./rules.ts";

export type CacheWish = "off" | "refresh" | "only" | undefined;

export type Allowed = {
  /** What stands in `x-headgate-cache` where nothing is looked up; undefined: the cache is used. */
  readonly refused: "off" | "bypass" | undefined;
  readonly read: boolean;
  readonly write: boolean;
};

export type Cacheable = {
  readonly endpoint: Endpoint;
  readonly dialect: DialectName;
  /** The model or route that the caller asked for. */
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly wish: CacheWish;
};

type Body = Cacheable["body"];

const refuse = (refused: "off" | "bypass"): Allowed => ({
  refused,
  read: false,
  write: false,
});

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  isRecord(value) ? value : {};

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const sampling = (dialect: DialectName, body: Body): Readonly<Record<string, unknown>> =>
  dialect === "gemini" ? record(body["generationConfig"] ?? body["generation_config"]) : body;

/** Temperature 0, or a seed. Embeddings are always the same. */
const isDeterministic = ({ endpoint, dialect, body }: Cacheable): boolean => {
  if (endpoint === "embeddings") return true;
  const { temperature, seed } = sampling(dialect, body);
  return temperature === 0 || typeof seed === "number";
};

const OWN_TOOLS: ReadonlySet<unknown> = new Set([undefined, "custom", "function"]);
const GEMINI_OWN = ["functionDeclarations", "function_declarations"] as const;

/** What a provider does on its own while it answers – search, run code, remember – is new each time. */
const isLive = ({ dialect, body }: Cacheable): boolean => {
  const tools = list(body["tools"]).map(record);
  switch (dialect) {
    case "openai-chat":
      return (
        isRecord(body["web_search_options"]) ||
        // xAI's search, and Qwen's.
        isRecord(body["search_parameters"]) ||
        body["enable_search"] === true ||
        list(body["plugins"]).length > 0 ||
        tools.some(({ type }) => !OWN_TOOLS.has(type))
      );
    case "anthropic-messages":
      return (
        list(body["mcp_servers"]).length > 0 ||
        (body["container"] ?? null) !== null ||
        tools.some(({ type }) => !OWN_TOOLS.has(type))
      );
    case "gemini":
      return tools.some((tool) =>
        Object.keys(tool).some((name) => !GEMINI_OWN.some((own) => own === name)),
      );
  }
};

/** `only` reads and never asks upstream, so there is nothing to write. */
export const allowedFor = (rules: CacheRules, request: Cacheable): Allowed => {
  if (rules.mode === "off") return refuse("off");
  if (request.wish === "off") return refuse("bypass");
  const { models } = rules;
  if (models !== undefined && !matchesAny(models, request.model)) {
    return refuse("off");
  }
  if (request.endpoint === "count_tokens") return refuse("bypass");
  if (rules.when === "deterministic" && !isDeterministic(request)) {
    return refuse("bypass");
  }
  if (isLive(request)) return refuse("bypass");
  return {
    refused: undefined,
    read: request.wish !== "refresh",
    write: request.wish !== "only",
  };
};
