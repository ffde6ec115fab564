/**
 * Decides: whether a text is one safe JSON object, and where its top-level fields stand in it.
 * Never: rewrites what nobody edits: a field unknown to the gateway leaves as the bytes it came in.
 */
import { isRecord } from "./record.ts";
import { err, ok, type Result } from "./result.ts";

/** Positions in `text`: of the key's opening quote, and of the value's first and one past its last character. */
export type Span = { readonly key: number; readonly start: number; readonly end: number };

export type JsonBody = {
  readonly text: string;
  readonly value: Record<string, unknown>;
  readonly spans: ReadonlyMap<string, Span>;
};

/** `at`: the forbidden key, where one is the reason. */
export type JsonFault = {
  readonly kind: "invalid_json" | "json_too_deep";
  readonly at?: string;
};

/** The levels and keys of the largest honest tool schemas, several times over (security.md, inbound). */
export const MAX_DEPTH = 64;
export const MAX_KEYS = 10_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Bytes to text; refuses anything that is not UTF-8 instead of replacing it. */
export const decodeUtf8 = (bytes: Uint8Array): Result<string, "invalid_json"> => {
  try {
    return ok(utf8.decode(bytes));
  } catch {
    return err("invalid_json");
  }
};

const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** One past the closing quote of the string that opens at `open`; the text's end where none closes it. */
const stringEnd = (text: string, open: number): number => {
  let quote = text.indexOf('"', open + 1);
  while (quote !== -1) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((quote - before) % 2 === 1) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
};

type Scan = { readonly keys: number; readonly fields: readonly Span[] };

/**
 * One pass, no recursion, before anything is parsed: depth, number of keys, and the spans of the
 * top-level fields. Undefined: too deep or too many. What it says of text that is not JSON means nothing.
 */
const scan = (text: string, maxKeys: number): Scan | undefined => {
  const fields: Span[] = [];
  let depth = 0;
  let keys = 0;
  let lastString = 0;
  let key = -1;
  let start = -1;
  const closeField = (at: number): void => {
    let end = at;
    while (isSpace(text.charCodeAt(end - 1))) end--;
    fields.push({ key, start, end });
    start = -1;
  };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      lastString = at;
      at = stringEnd(text, at) - 1;
    } else if (code === COLON) {
      keys++;
      if (keys > maxKeys) return undefined;
      if (depth === 1 && start === -1) {
        key = lastString;
        start = at + 1;
        while (isSpace(text.charCodeAt(start))) start++;
      }
    } else if (code === 0x7b || code === 0x5b) {
      depth++;
      if (depth > MAX_DEPTH) return undefined;
    } else if (code === 0x7d || code === 0x5d) {
      if (depth === 1 && start !== -1) closeField(at);
      depth--;
    } else if (code === COMMA && depth === 1 && start !== -1) {
      closeField(at);
    }
  }
  return { keys, fields };
};

/** The key, unescaped, whose quote opens at `open`. Only for text that is known to be JSON. */
const nameAt = (text: string, open: number): string => {
  const literal = text.slice(open, stringEnd(text, open));
  return literal.includes("\\") ? (JSON.parse(literal) as string) : literal.slice(1, -1);
};

type Tally = { keys: number; backslashed: number; forbidden: string | undefined };

/** Counts the keys of all objects in `value`; its depth is known to be small. */
const tally = (value: object, into: Tally): Tally => {
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && item !== null) tally(item, into);
    return into;
  }
  const fields = value as Record<string, unknown>;
  for (const key in fields) {
    const item = fields[key];
    into.keys++;
    if (key.includes("\\")) into.backslashed++;
    // The two that reach a prototype when somebody walks or copies parsed data carelessly.
    if (key === "__proto__" || key === "constructor") into.forbidden ??= key;
    if (typeof item === "object" && item !== null) tally(item, into);
  }
  return into;
};

/** Keys in `text` that, unescaped, hold a backslash. Only for text that is known to be JSON. */
const backslashedKeys = (text: string): number => {
  let count = 0;
  for (let open = text.indexOf('"'); open !== -1; ) {
    const end = stringEnd(text, open);
    let next = end;
    while (isSpace(text.charCodeAt(next))) next++;
    if (text.charCodeAt(next) === COLON && nameAt(text, open).includes("\\")) count++;
    open = text.indexOf('"', end);
  }
  return count;
};

/**
 * Reads one JSON object. The text's own count of keys is compared with that of the parsed value:
 * a key given twice at any level makes them differ, however it is escaped. (faults.md F33–F35, F74)
 */
export const readJson = (text: string, maxKeys = MAX_KEYS): Result<JsonBody, JsonFault> => {
  const scanned = scan(text, maxKeys);
  if (scanned === undefined) return err({ kind: "json_too_deep" });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err({ kind: "invalid_json" });
  }
  if (!isRecord(value)) return err({ kind: "invalid_json" });
  const { keys, backslashed, forbidden } = tally(value, {
    keys: 0,
    backslashed: 0,
    forbidden: undefined,
  });
  if (forbidden !== undefined) return err({ kind: "invalid_json", at: forbidden });
  if (keys !== scanned.keys) return err({ kind: "invalid_json" });
  // Some versions of V8 take an escaped key for one seen before (nodejs/node#63785): then "\u006dodel"
  // is read as the key `\u006`. The wrong key always holds a backslash, so it is enough to count those.
  if (backslashed > 0 && backslashed !== backslashedKeys(text))
    return err({ kind: "invalid_json" });
  const spans = new Map(scanned.fields.map((span) => [nameAt(text, span.key), span]));
  return ok({ text, value, spans });
};

/**
 * The body's text with some top-level fields changed: `undefined` removes a field, anything else
 * replaces it where it stands or is appended. All other text stays as it came, to the byte.
 */
export const editJson = (body: JsonBody, edits: Readonly<Record<string, unknown>>): string => {
  const { text, spans } = body;
  const open = text.indexOf("{") + 1;
  let out = text.slice(0, open);
  let end = open;
  let empty = true;
  for (const [name, span] of spans) {
    const edited = Object.hasOwn(edits, name);
    if (!edited || edits[name] !== undefined) {
      const gap = text.slice(end, span.key);
      out += (empty ? gap.replace(",", "") : gap) + text.slice(span.key, span.start);
      out += edited ? JSON.stringify(edits[name]) : text.slice(span.start, span.end);
      empty = false;
    }
    end = span.end;
  }
  for (const [name, value] of Object.entries(edits)) {
    if (value === undefined || spans.has(name)) continue;
    out += `${empty ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(value)}`;
    empty = false;
  }
  return out + text.slice(end);
};
