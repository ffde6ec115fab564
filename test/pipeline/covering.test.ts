import { describe, expect, it } from "vitest";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import { chat } from "../../src/pipeline/chat.ts";
import type { Actual, Extension } from "../../src/policy/limits/account.ts";
import { noLimiter } from "../../src/ports-account.ts";
import { askFor, createStage, textOf } from "../support/pipeline.ts";
import { CONFIG, framesOf, MESSAGES, SECRETS, WORDS } from "../support/recovery.ts";

const HEDGE_MS = 500;
const LIMITED = {
  ...CONFIG,
  policy: { limits: { mode: "on", rules: [{ unit: "tokens", per: "hour", max: 1_000_000 }] } },
};

type Ended = { readonly row: LedgerRow; readonly actual: Actual };

/** A stream whose first target is silent, so that a second one is asked beside it. */
const hedged = async (mayExtend: boolean) => {
  const extensions: Extension[] = [];
  const ends: Ended[] = [];
  const resilience = { hedge: { enabled: true, after: HEDGE_MS }, max_retries: 0 };
  const stage = createStage(
    { ...LIMITED, resilience },
    (_, count) =>
      count === 1 ? "silent" : { type: "text/event-stream", body: framesOf("anthropic", WORDS) },
    SECRETS,
  );
  const limiter = {
    ...noLimiter,
    extend: async (_caller: unknown, _id: string, extension: Extension) => {
      extensions.push(extension);
      return mayExtend;
    },
    end: (_: unknown, row: LedgerRow, actual: Actual) => void ends.push({ row, actual }),
  };
  const body = { model: "anthropic", messages: MESSAGES, max_tokens: 500, stream: true };
  const wishes = { fallback: ["anthropic-2"] };
  const calling = chat({ ...stage.deps, limiter }, askFor(stage, body, { wishes }));
  await stage.clock.advance(HEDGE_MS + 100);
  return { ...stage, calling, extensions, ends };
};

describe("a second attempt beside the first", () => {
  it("is paid for before it is made, and the one that lost is paid its input", async () => {
    const { calling, clock, extensions, ends, sent } = await hedged(true);
    const reply = await calling;
    if (reply.ok) await textOf(reply.body);
    await clock.advance(100);
    expect(extensions).toHaveLength(1);
    // As much again as the first one holds: its input, and five hundred tokens of answer.
    expect(extensions[0]?.more.tokens).toBeGreaterThan(500);
    expect(sent).toHaveLength(2);
    const [{ row, actual } = { row: undefined, actual: undefined }] = ends;
    expect(row).toMatchObject({ status: 200, attempts: 2, fallback_from: "anthropic" });
    expect(row).toMatchObject({ estimated: true, output_tokens: 7 });
    expect(Object.keys(actual?.byModel ?? {}).sort()).toEqual(["anthropic", "anthropic-2"]);
    expect(row?.lost_tokens).toBeGreaterThan(0);
    expect(actual?.total.tokens).toBe((row?.input_tokens ?? 0) + 7);
  });

  it("is not made where no limit has room for it", async () => {
    const { calling, clock, ends, sent } = await hedged(false);
    await clock.advance(200_000);
    const reply = await calling;
    expect(sent).toHaveLength(1);
    expect(reply).toMatchObject({ ok: false });
    expect(ends).toHaveLength(1);
    expect(ends[0]?.row).toMatchObject({ status: 504, attempts: 1 });
  });
});
