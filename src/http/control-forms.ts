/**
 * Decides: which values each per-request control takes, in a header and in a body (contract.md section 2).
 * Never: knows where a value came from. A form returns undefined for what it does not take.
 */
import { isRecord } from "../base/record.ts";
import { MOST_TAGS, TAG_KEY, TAG_VALUE } from "../domain/tag.ts";

export type Form<T> = (value: unknown) => T | undefined;

/** No caller has a longer chain; without a bound a header could hold thousands. */
const MAX_NAMES = 32;
const NAME = /^[\x21-\x7e]{1,256}$/;
/** Anthropic's own clients send user ids of a few hundred characters. */
const LABEL = /^[\x20-\x7e]{1,512}$/;
const TEXT = /^[^\p{Cc}\p{Cs}]{1,512}$/u;

export const oneOf =
  <const T extends string>(...allowed: readonly T[]): Form<T> =>
  (value) =>
    allowed.find((one) => one === value);

/** A positive whole number in a header. */
export const digits: Form<number> = (value) =>
  typeof value === "string" && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : undefined;

/** A positive whole number in a body. */
export const count: Form<number> = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;

/** A name of the caller's own making in a header: printable ASCII. */
export const label: Form<string> = (value) =>
  typeof value === "string" && LABEL.test(value) ? value : undefined;

/** The same in a body: any characters but control characters. */
export const text: Form<string> = (value) =>
  typeof value === "string" && TEXT.test(value) ? value : undefined;

const namesIn = (list: readonly unknown[]): readonly string[] | undefined =>
  list.length > 0 && list.length <= MAX_NAMES && list.every(isName) ? list : undefined;
const isName = (value: unknown): value is string => typeof value === "string" && NAME.test(value);

/** `none`, or model names with commas between. */
export const namesInHeader: Form<readonly string[] | "none"> = (value) => {
  if (value === "none") return value;
  return typeof value === "string"
    ? namesIn(value.split(",").map((name) => name.trim()))
    : undefined;
};

/** "none", or an array of model names; an empty one says the same. */
export const names: Form<readonly string[] | "none"> = (value) => {
  if (value === "none" || (Array.isArray(value) && value.length === 0)) return "none";
  return Array.isArray(value) ? namesIn(value) : undefined;
};

/** `use_cache: false` switches the cache off; `true` is what happens anyway. */
export const useCache: Form<"off" | "default"> = (value) => {
  if (typeof value !== "boolean") return undefined;
  return value ? "default" : "off";
};

type Tags = Readonly<Record<string, string>>;

const fits = ([name, value]: readonly [string, unknown]): boolean =>
  TAG_KEY.test(name) && typeof value === "string" && TAG_VALUE.test(value);

/** `name=value,name=value`: all of it fits, or none is taken. */
export const tagsInHeader: Form<Tags> = (value) => {
  if (typeof value !== "string") return undefined;
  const pairs = value.split(",").map((pair): [string, string] => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, Math.max(equals, 0)).trim(), pair.slice(equals + 1).trim()];
  });
  const distinct = new Set(pairs.map(([name]) => name)).size === pairs.length;
  const good = distinct && pairs.length <= MOST_TAGS && pairs.every(fits);
  return good ? Object.fromEntries(pairs) : undefined;
};

/** An object of tags: all of it fits, or none is taken. */
export const tags: Form<Tags> = (value) => {
  if (!isRecord(value)) return undefined;
  const pairs = Object.entries(value);
  if (pairs.length > MOST_TAGS || !pairs.every(fits)) return undefined;
  return Object.fromEntries(pairs) as Record<string, string>;
};

/** What of the provider's own `metadata` can serve as tags; the rest is no mistake. `user_id` is the user. */
export const tagsInMetadata = (metadata: Readonly<Record<string, unknown>>): Tags => {
  const pairs = Object.entries(metadata).filter((pair) => pair[0] !== "user_id" && fits(pair));
  return Object.fromEntries(pairs.slice(0, MOST_TAGS)) as Record<string, string>;
};
