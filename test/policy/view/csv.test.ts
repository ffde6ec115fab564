import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvOf } from "../../../src/policy/view/csv.ts";

/** A reader of RFC 4180, written from its grammar. */
const read = (text: string): string[][] => {
  const rows: string[][] = [[]];
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = cells.exec(text); match !== null; match = cells.exec(text)) {
    rows.at(-1)?.push((match[1]?.replaceAll('""', '"') ?? match[2]) || "");
    if (match[3] === "\r\n") rows.push([]);
    if (cells.lastIndex === text.length) break;
  }
  return rows.slice(0, -1);
};

describe("csvOf", () => {
  it("is read back as it was written, whatever the texts", () => {
    const texts = fc.string({ unit: "binary" }).map((text) => `.${text}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, texts), { minLength: 1 }), (rows) => {
        expect(read(csvOf(["a", "b"], rows))).toEqual([["a", "b"], ...rows]);
      }),
    );
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])(
    "keeps %j from being a formula",
    (text) => {
      expect(read(csvOf(["x"], [[text]]))).toEqual([["x"], [`'${text}`]]);
    },
  );

  it.each([
    [0, "0"],
    [-1.5, "-1.5"],
    [12, "12"],
    [0.000_000_001, "0.000000001"],
    [5e-7, "0.0000005"],
  ])("writes the number %d as %s", (value, text) => {
    expect(csvOf(["x"], [[value]])).toBe(`x\r\n${text}\r\n`);
  });
});
