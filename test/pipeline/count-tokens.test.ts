import { expect, it } from "vitest";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import { countTokens } from "../../src/pipeline/count-tokens.ts";
import { noLimiter } from "../../src/ports-account.ts";
import { askFor, createStage } from "../support/pipeline.ts";

// It was over before the mark was there.
it("an estimate leaves a row with the prompt's mark", async () => {
  const rows: LedgerRow[] = [];
  const stage = createStage(
    { providers: { p: { kind: "demo" } }, models: { a: { provider: "p" } } },
    () => "silent",
  );
  const deps = {
    ...stage.deps,
    limiter: { ...noLimiter, end: (_: unknown, row: LedgerRow) => void rows.push(row) },
    loadTokenizer: async () => ({
      encoding: "o200k_base" as const,
      encode: () => [],
      count: (text: string) => text.length,
    }),
    promptHash: () => new Promise<string>((done) => setImmediate(done, "mark")),
  };
  const body = { model: "a", messages: [{ role: "user", content: "hi" }] };
  const reply = await countTokens(
    deps,
    askFor(stage, body, { endpoint: "count_tokens", dialect: "anthropic-messages" }),
  );
  expect(reply).toMatchObject({ ok: true, headers: { "x-headgate-estimated": "true" } });
  expect(rows).toMatchObject([{ endpoint: "count_tokens", prompt_hash: "mark" }]);
});
