/**
 * Decides: in which form a target is asked for embeddings, and how its answer becomes OpenAI's.
 * Never: sends anything.
 */
import { editJson } from "../base/json-body.ts";
import { ok, type Result } from "../base/result.ts";
import { geminiEmbeddings } from "../dialects/gemini/embeddings.ts";
import type { Failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import { countText } from "../policy/tokens/estimate.ts";
import { familyOf } from "../policy/tokens/families.ts";
import { workersAiEmbeddings } from "../providers/workers-ai-embeddings.ts";
import type { Ask } from "./ask.ts";
import { OWN_FIELDS, type Prepared } from "./prepare.ts";

/** The two kinds whose embeddings have a form of their own. */
const FORMS = { gemini: geminiEmbeddings, "workers-ai": workersAiEmbeddings } as const;

/** Undefined: OpenAI's own, which passes. */
export const formOf = (target: Target) =>
  target.kind === "gemini" || target.kind === "workers-ai" ? FORMS[target.kind] : undefined;

/** Fails where the target's form cannot say what is asked. */
export const prepareEmbeddings = (ask: Ask, target: Target): Result<Prepared, Failure> => {
  const form = formOf(target);
  if (form === undefined) {
    const body = editJson(ask.body, { ...OWN_FIELDS, model: target.upstream });
    return ok({ body, dropped: [], passes: true });
  }
  const encoded = form.encode(ask.body.value, target.upstream);
  if (!encoded.ok) return encoded;
  const dropped = ["user", "metadata"].filter((name) => ask.body.spans.has(name));
  return ok({ body: JSON.stringify(encoded.value), dropped, passes: false });
};

/** Our own count, where the provider gives none. */
const estimate = ({ body: { value } }: Ask, target: Target): number => {
  const family = familyOf(target.kind, target.upstream);
  // A token id is a token.
  const count = (input: unknown): number => {
    if (Array.isArray(input)) return input.reduce((sum: number, one) => sum + count(one), 0);
    return typeof input === "string" ? countText(input, family) : 1;
  };
  return count(value["input"]);
};

/** What the answer, in OpenAI's form, says that it read; else our own count. */
export const tokensRead = (
  ask: Ask,
  target: Target,
  json: Record<string, unknown>,
): { readonly tokens: number; readonly estimated: boolean } => {
  const usage = json["usage"];
  const count = typeof usage === "object" && usage !== null && "prompt_tokens" in usage;
  const told = count && typeof usage.prompt_tokens === "number" ? usage.prompt_tokens : undefined;
  return { tokens: told ?? estimate(ask, target), estimated: told === undefined };
};
