import { expect, it } from "vitest";
import type { Encoding } from "../../src/policy/tokens/tokenizer.ts";
import { tokenizerFor } from "../support/rank-files.ts";
import { describeRecorded, recorded } from "../support/recorded-data.ts";

type Row = { text: string; tokens: number[] };

const encodings: readonly Encoding[] = ["o200k_base", "cl100k_base"];

describeRecorded.each(encodings)("reference ids of %s", (encoding) => {
  const rows = recorded<Row>(`tokenizer/${encoding}.jsonl`);
  const tokenizer = tokenizerFor(encoding);

  it("are there", () => expect(rows.length).toBeGreaterThan(200));

  it("equal ours in every row", () => {
    const wrong = rows.filter((row) => tokenizer.encode(row.text).join() !== row.tokens.join());
    expect(wrong).toEqual([]);
  });
});
