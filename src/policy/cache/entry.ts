/**
 * Decides: what is kept of an answer, as text, and which kept texts may be given to a request.
 * Never: believes the place where it was found: whose it is and how old stands in the entry itself.
 */
import { isRecord } from "../../base/record.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatResponse } from "../../domain/chat.ts";
import type { DialectName } from "../../domain/dialect-name.ts";
import type { Usage } from "../../domain/usage.ts";
import { type Generation, isFresh, type Lifetime } from "./freshness.ts";
import { stillNeeded } from "./keep-under.ts";

/** Another version is not read: a cache may forget. */
const VERSION = 1;

/**
 * `whole`: the very text of the upstream's body, replayed to the byte where the same form is asked for.
 * `folded`: what a stream added up to. Either becomes the other form through `fold` and `unfold`.
 */
export type Kept =
  | { readonly form: "whole"; readonly body: string }
  | { readonly form: "folded"; readonly answer: ChatResponse };

export type Entry = Lifetime & {
  readonly v: typeof VERSION;
  /** The digest of `exactKeyText`, or of the partition for what is found by likeness. */
  readonly key: string;
  readonly dialect: DialectName;
  readonly kept: Kept;
  /** The configured model that gave it, and its provider. */
  readonly model: string;
  readonly provider: string;
  /** What the provider said its name is. */
  readonly upstreamModel: string | undefined;
  readonly usage: Usage | undefined;
  /** What it cost, and what each hit saves. Undefined: unknown. */
  readonly costNanoUsd: number | undefined;
  /** Kept under the asked name although another model gave it. */
  readonly standIn: boolean;
};

export type Expected = {
  readonly key: string;
  readonly dialect: DialectName;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Seconds: the oldest that the request takes. */
  readonly ttl: number;
  readonly generation: Generation;
  /** Of the asked model, now; true for a route. */
  readonly askedIsHealthy: boolean;
};

/** Why an entry is a miss. `foreign` is a fault that somebody has to hear of; the others are daily life. */
export type Missed = "unreadable" | "foreign" | "stale" | "not_needed";

export const newEntry = (of: Omit<Entry, "v">): Entry => ({ v: VERSION, ...of });

export const writeEntry = (entry: Entry): string => JSON.stringify(entry);

const isNumber = (value: unknown): value is number => typeof value === "number";

const isKept = (value: unknown): value is Kept => {
  if (!isRecord(value)) return false;
  if (value["form"] === "whole") return typeof value["body"] === "string";
  const { form, answer } = value;
  return form === "folded" && isRecord(answer) && Array.isArray(answer["choices"]);
};

/** Only the gateway writes entries, and it seals them; this tells another version from this one. */
const isEntry = (value: unknown): value is Entry => {
  if (!isRecord(value) || value["v"] !== VERSION) return false;
  const { key, dialect, kept, model, provider, storedAt, expiresAt, generation, standIn } = value;
  const texts = [key, dialect, model, provider].every((text) => typeof text === "string");
  const times = isNumber(storedAt) && isNumber(expiresAt) && typeof standIn === "boolean";
  const purge =
    isRecord(generation) && isNumber(generation["org"]) && isNumber(generation["model"]);
  return texts && times && purge && isKept(kept);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The entry in `text` where it is the asked one, fresh, and still true. (P13, F53, F54) */
export const readEntry = (text: string, expected: Expected): Result<Entry, Missed> => {
  const entry = parsed(text);
  if (!isEntry(entry)) return err("unreadable");
  if (entry.key !== expected.key || entry.dialect !== expected.dialect) return err("foreign");
  if (!isFresh(entry, expected.now, expected.ttl, expected.generation)) return err("stale");
  if (!stillNeeded(entry.standIn, expected.askedIsHealthy)) return err("not_needed");
  return ok(entry);
};
