/**
 * Decides: which text stands for a request in the exact cache: equal texts, and only they, share an answer.
 * Never: digests it: the platform turns it into an HMAC, so that nobody can try out what was asked.
 */
import type { DialectName } from "../../domain/dialect-name.ts";
import type { Target } from "../../domain/target.ts";
import { canonicalJson } from "./canonical-json.ts";
import { fieldsThatMatter } from "./key-fields.ts";

/** A change of what a key consists of is a new version: nothing stored before is found again. */
const VERSION = 1;

export type KeyOf = {
  /** `scopeText`: who shares the answer. */
  readonly scope: string;
  readonly endpoint: "chat" | "messages" | "embeddings";
  readonly dialect: DialectName;
  /** The model or route under whose name the answer lies. */
  readonly model: string;
  /** What the name stands for (`meaningOf`); empty for a route. */
  readonly meaning: string;
  /** Allow-listed request headers, lower case: some of them change the answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed with `parseExactJson`, so that long numbers keep their digits. */
  readonly body: Readonly<Record<string, unknown>>;
};

const HEADERS_THAT_MATTER = ["anthropic-beta", "anthropic-version", "openai-beta"] as const;

/** A model that is pointed somewhere else answers differently: its old answers are not found any more. */
export const meaningOf = ({ provider, upstream, baseUrl }: Target): string =>
  JSON.stringify([provider, upstream, baseUrl ?? null]);

/** The parts of the text that do not come from the body. */
export const keyHead = ({ scope, endpoint, dialect, model, meaning, headers }: KeyOf): string => {
  const sent = HEADERS_THAT_MATTER.map((name) => headers[name] ?? null);
  return JSON.stringify([VERSION, scope, endpoint, dialect, model, meaning, sent]);
};

export const exactKeyText = (of: KeyOf): string =>
  `${keyHead(of)}\n${canonicalJson(fieldsThatMatter(of.dialect, of.body))}`;
