import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkBaseUrl, checkUpstreamUrl } from "../../src/domain/config/base-url.ts";
import { parseConfig } from "../../src/domain/config/validate.ts";
import { wholeConfig } from "../domain/config/whole.ts";

const rules = { allowPrivate: false };
const safeParse = (document: unknown) => {
  const result = parseConfig(document, rules);
  if (!result.ok) expect(result.error.length).toBeGreaterThan(0);
  return result;
};

/** `value` with something else at one place of it, chosen by `random`. */
function spoiled(value: unknown, depth: number, other: unknown): unknown {
  if (depth === 0 || typeof value !== "object" || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[depth % keys.length];
  if (key === undefined) return other;
  const inner = spoiled(Reflect.get(value, key), Math.floor(depth / keys.length), other);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner };
}

describe("any document", () => {
  it("is taken or refused with at least one problem, never a crash", () => {
    fc.assert(fc.property(fc.jsonValue(), (document) => void safeParse(document)));
  });

  it("that is valid but for one place is, too", () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.jsonValue(), (place, other) => {
        safeParse(spoiled(wholeConfig(), place, other));
      }),
    );
  });

  it("that is taken comes out as it went in", () => {
    const name = fc
      .stringMatching(/^[A-Za-z0-9][A-Za-z0-9_:/-]{0,20}$/)
      .filter((text) => !text.includes("//"));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), (names) => {
        const document = {
          default_model: names[0],
          providers: { p: { kind: "demo" } },
          models: Object.fromEntries(names.map((each) => [each, { provider: "p" }])),
        };
        const result = safeParse(document);
        if (names.some((each) => each === "none" || each === "lexical")) return;
        expect(result).toEqual({ ok: true, value: document });
      }),
    );
  });
});

const pieces = fc.constantFrom(
  ...["https://", "http://", "//", "a", "1", "127", "0x7f", "0177", ".", "..", "@", ":", "#", "?"],
  ...["[::1]", "[::ffff:", "]", "localhost", "local", "com", "example", "internal", "443", "80"],
  ...["/", "\\", "%2e", "%00", "\t", "\n", "。", "①", "-", "_", "metadata", "v1", "io", "nip"],
);

const ending = fc.constantFrom("", ".example.com", ".example.com/v1/", "com", ".com:443/v1");

describe("any text as a base_url", () => {
  it("that is taken is https to a public name, and is its own normal form", () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), ending, (parts, end) => {
        const result = checkBaseUrl(`https://${parts.join("")}${end}`, rules);
        if (!result.ok) return;
        taken += 1;
        const url = new URL(result.value);
        expect([url.protocol, url.port, url.username, url.search, url.hash]).toEqual([
          "https:",
          "",
          "",
          "",
          "",
        ]);
        expect(url.hostname).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/);
        expect(url.hostname).not.toMatch(
          /(^|\.)(local|localhost|internal)$|^metadata\.|(^|\.)nip\.io$/,
        );
        expect(checkBaseUrl(result.value, rules)).toEqual(result);
        expect(checkUpstreamUrl(`${result.value}/chat/completions?a=b`, rules).ok).toBe(true);
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
