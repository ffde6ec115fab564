/**
 * Decides: what random canonical values the laws of the dialects are tried on, where dialects agree.
 * Never: tests anything itself.
 */
import * as fc from "fast-check";
import type { CacheMark, Extra, Tool } from "../../src/domain/chat.ts";

/** A record in which every key may be missing. */
export const optional = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

export const word = fc.string({ minLength: 1, maxLength: 12 });
/** Where a place in a text is counted: never inside of what a reader sees as one character. */
export const graphemes = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" });
/** Begins with k, so that it is never "constructor", over which a strict comparison stumbles. */
export const name = fc.stringMatching(/^k[a-z_]{0,11}$/);
export const identifier = fc.stringMatching(/^[a-zA-Z0-9_-]{1,16}$/);
export const count = fc.nat({ max: 1_000_000 });
export const unit = fc.double({ min: 0, max: 1, noNaN: true });

/** No negative zero: JSON has none. */
export const plain = (number: number): number => (number === 0 ? 0 : number);

const leaf = fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean(), fc.constant(null));
export const jsonObject: fc.Arbitrary<Extra> = fc.dictionary(
  name,
  fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(name, leaf, { maxKeys: 3 })),
  { maxKeys: 4 },
);

export const schema: fc.Arbitrary<Extra> = jsonObject.map((properties) => ({
  type: "object",
  properties,
}));

export const cache: fc.Arbitrary<CacheMark> = fc.constantFrom<CacheMark>(
  {},
  { ttl: "5m" },
  { ttl: "1h" },
);

export const tool: fc.Arbitrary<Tool> = fc
  .record({
    required: fc.record({ name, parameters: schema }),
    more: optional({ description: word, strict: fc.boolean(), cache }),
  })
  .map(({ required, more }) => ({ ...required, ...more }));

export const base64 = fc.base64String({ maxLength: 16 });
export const link = fc.webUrl({ withQueryParameters: false });

/** What comes back from the wire. */
export const wired = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
