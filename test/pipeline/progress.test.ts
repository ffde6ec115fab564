import { describe, expect, it } from "vitest";
import { freeEntry } from "../../src/pipeline/bill.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { progressOf } from "../../src/pipeline/progress.ts";
import { begin } from "../../src/pipeline/run.ts";
import { plainlyAdmitted } from "../../src/policy/limits/admission.ts";
import type { Seen } from "../../src/policy/limits/book.ts";
import { noLimiter } from "../../src/ports-account.ts";
import { askFor, createStage, type Played, textOf } from "../support/pipeline.ts";
import { CONFIG, framesOf, MESSAGES, SECRETS, WORDS } from "../support/recovery.ts";

const SLOT_RENEW_MS = 30_000;
/** Most of what is held is room for the answer. */
const RULES = [
  { unit: "tokens", per: "hour", max: 1_000_000 },
  { unit: "concurrent", max: 5 },
];

/** What the account is told of a stream while it runs. `more`: of its resilience. */
const toldOf = async (
  play: (frames: readonly string[], count: number) => Exclude<Played, string>["body"],
  more: object = {},
): Promise<readonly Seen[]> => {
  const told: Seen[] = [];
  const config = {
    ...CONFIG,
    policy: { limits: { mode: "on", rules: RULES } },
    resilience: { ...more, max_retries: 0, timeouts: { idle_ms: 100_000, total_ms: 300_000 } },
  };
  const stage = createStage(
    config,
    (_, count) => ({
      type: "text/event-stream",
      body: play(framesOf("anthropic", WORDS), count),
    }),
    SECRETS,
  );
  const limiter = {
    ...noLimiter,
    progress: (_caller: unknown, _id: string, seen: Seen) => void told.push(seen),
  };
  const body = { model: "anthropic", messages: MESSAGES, max_tokens: 9_000, stream: true };
  const wishes = { fallback: ["anthropic-2"], recovery: "continue" as const };
  const calling = chat({ ...stage.deps, limiter }, askFor(stage, body, { wishes }));
  await stage.clock.advance(1_000);
  const reply = await calling;
  if (!reply.ok) throw new Error(reply.failure.code);
  const text = textOf(reply.body);
  await stage.clock.advance(200_000);
  await text;
  return told;
};

describe("what the account is told while a stream runs", () => {
  it("is what was seen of it, and never what is only held", async () => {
    const told = await toldOf((frames) => [
      ...frames.slice(0, 4),
      SLOT_RENEW_MS + 5_000,
      ...frames.slice(4),
    ]);
    expect(told.length).toBeGreaterThanOrEqual(2);
    for (const { tokens } of told) expect(tokens).toBeLessThan(100);
  });

  /** The words of a longer answer; its beginning and end, some twenty events, are the usual ones. */
  const many = (count: number) =>
    framesOf(
      "anthropic",
      Array.from({ length: count }, () => "w "),
    );

  it.each([
    ["five seconds", 5_000, 1, 1],
    ["less", 4_999, 1, 0],
    ["more than 512 events", 1_000, 500, 1],
    ["fewer", 1_000, 490, 0],
    ["as many of less than a second", 999, 500, 0],
  ])("is told after %s: %i ms, %i events, %i times", async (_, ms, events, times) => {
    const told = await toldOf((frames) => [
      ...frames.slice(0, 3),
      ms,
      ...(events > 1 ? [many(events).slice(2, -3).join("")] : []),
      ...frames.slice(3),
    ]);
    expect(told).toHaveLength(times);
  });

  it("has in it what an attempt before this one has cost", async () => {
    const told = await toldOf((frames, count) =>
      count === 1
        ? [...frames.slice(0, 6), "cut"]
        : [...frames.slice(0, 7), 6_000, ...frames.slice(7)],
    );
    const most = Math.max(...told.map(({ tokens }) => tokens));
    // Four words and their input were paid at the first; input and five more came at the second.
    expect(most).toBeGreaterThanOrEqual(4 + 5 + 2);
  });

  // It was told of the one that was asked last, which had lost: a crash would have charged its limits.
  it("is told of the target that serves, also where another was asked beside it", async () => {
    const told = await toldOf(
      (frames, count) =>
        count === 1 ? [700, ...frames.slice(0, 6), 6_000, ...frames.slice(6)] : ["hang"],
      { hedge: { enabled: true, after: 500 } },
    );
    const { byModel = {} } = told.at(-1) ?? {};
    expect(Object.keys(byModel).sort()).toEqual(["anthropic", "anthropic-2"]);
    expect(byModel["anthropic"]?.tokens).toBeGreaterThan(byModel["anthropic-2"]?.tokens ?? 0);
  });
});

describe("the money of a running stream", () => {
  const MODELS = ["anthropic", "anthropic-2"] as const;
  const [FIRST, SECOND] = MODELS;
  const price = { input: 1_000_000, output: 4_000_000 };
  const cost = { requests: 1, slots: 1, tokens: 9_000, nanoUsd: 9_000 };

  /** Two targets were asked, and have read twenty tokens each; the second serves. */
  const running = async () => {
    const told: Seen[] = [];
    const stage = createStage(CONFIG, () => "silent", SECRETS);
    const { targets } = await stage.deps.settings.current();
    const run = begin(askFor(stage, { model: FIRST, messages: MESSAGES }), "chat", 1);
    const option = { model: FIRST, cost, floor: { tokens: 0, nanoUsd: 0 } };
    const ways = [{ from: 0, options: [option] }] as const;
    run.permit = {
      granted: plainlyAdmitted({ id: "r", rules: [], ways, deadline: 0 }),
      ...{ rules: [], wanted: FIRST, asking: FIRST, held: cost },
      ...{ holds: new Map(), covered: new Map() },
    };
    for (const model of MODELS) {
      const target = targets.get(model);
      if (target === undefined) throw new Error("no target");
      const usage = { input_tokens: 20 };
      run.bill.entries.push({
        ...freeEntry(
          { ...target, price: model === SECOND ? price : { input: 0, output: 0 } },
          usage,
        ),
        isFree: false,
      });
    }
    run.record.model = SECOND;
    const limiter = {
      ...noLimiter,
      progress: (_caller: unknown, _id: string, seen: Seen) => void told.push(seen),
    };
    const tell = progressOf({ ...stage.deps, limiter }, run);
    const pass = async (ms: number, events: number): Promise<void> => {
      await stage.clock.advance(ms);
      tell(events);
    };
    return { told, run, pass };
  };

  it("is that of all inputs, and of what was written at the price of who serves", async () => {
    const { told, pass } = await running();
    await pass(5_000, 100);
    const served = { tokens: 120, nanoUsd: 20 * 1_000 + 100 * 4_000 };
    const byModel = { [FIRST]: { tokens: 20, nanoUsd: 0 }, [SECOND]: served };
    expect(told).toEqual([{ tokens: 140, nanoUsd: served.nanoUsd, byModel }]);
  });

  it("is told again only after another five seconds, or as many events", async () => {
    const { told, pass } = await running();
    await pass(1_000, 512);
    await pass(1_000, 1_023);
    expect(told).toHaveLength(1);
    await pass(0, 1_024);
    expect(told.map(({ tokens }) => tokens)).toEqual([552, 1_064]);
  });

  it("is nothing where the answer was given without asking anybody", async () => {
    const { told, run, pass } = await running();
    run.record.cache = "hit";
    await pass(5_000, 100);
    expect(told).toEqual([]);
  });
});
