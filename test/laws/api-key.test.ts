import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BASE36, BASE62, lettersOf } from "../../src/base/ids.ts";
import { formatApiKey, parseApiKey, signedPart } from "../../src/domain/api-key.ts";

const letters = (alphabet: string, length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length + 8 })
    .map((bytes) => lettersOf(bytes, alphabet, length));

const parts = fc.record({
  tenant: letters(BASE36, 8),
  id: letters(BASE36, 8),
  secret: letters(BASE62, 32),
});

describe("keys", () => {
  it("are read back as they were written", () => {
    fc.assert(
      fc.property(parts, letters(BASE62, 8), (made, tag) => {
        expect(parseApiKey(formatApiKey(made, tag))).toEqual({
          ...made,
          signed: signedPart(made),
          tag,
        });
      }),
    );
  });

  it("are written back as they were read, whatever text is tried", () => {
    const broken = fc
      .tuple(parts, letters(BASE62, 8), fc.nat(100), fc.string({ maxLength: 3 }))
      .map(([made, tag, at, splice]) => {
        const key = formatApiKey(made, tag);
        return key.slice(0, at % key.length) + splice + key.slice((at % key.length) + 1);
      });
    fc.assert(
      fc.property(fc.oneof(broken, fc.string()), (text) => {
        const read = parseApiKey(text);
        if (read !== undefined) expect(formatApiKey(read, read.tag)).toBe(text);
      }),
    );
  });
});

describe("lettersOf", () => {
  it("gives the length asked for, from the alphabet alone", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 1, max: 40 }), (bytes, n) => {
        expect(lettersOf(bytes, BASE36, n)).toMatch(new RegExp(`^[0-9a-z]{${n}}$`));
      }),
    );
  });

  it("tells numbers apart that fit into its length", () => {
    fc.assert(
      fc.property(fc.nat(62 ** 4 - 1), fc.nat(62 ** 4 - 1), (a, b) => {
        const of = (n: number) =>
          lettersOf(new Uint8Array([n >> 24, n >> 16, n >> 8, n]), BASE62, 4);
        expect(of(a) === of(b)).toBe(a === b);
      }),
    );
  });
});
