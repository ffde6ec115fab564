import { describe, expect, it } from "vitest";
import { sleep } from "../../src/base/clock.ts";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import { type LimitRule, NO_COST } from "../../src/domain/limit.ts";
import { weigh } from "../../src/pipeline/begun.ts";
import { freeEntry } from "../../src/pipeline/bill.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { cover } from "../../src/pipeline/cover.ts";
import type { Permit } from "../../src/pipeline/permit.ts";
import { begin } from "../../src/pipeline/run.ts";
import type { Extension } from "../../src/policy/limits/account.ts";
import type { Admitted } from "../../src/policy/limits/admission.ts";
import type { Actual } from "../../src/policy/limits/came-to.ts";
import type { Held } from "../../src/policy/limits/hold.ts";
import { type Limiter, noLimiter } from "../../src/ports-account.ts";
import { ruleOf } from "../policy/limits/rule.ts";
import { accounted } from "../support/accounted.ts";
import { askFor, createStage, textOf } from "../support/pipeline.ts";
import { CONFIG, framesOf, MESSAGES, SECRETS, WORDS } from "../support/recovery.ts";
import { CONFIG as CACHED, scene, whole } from "./cache-scene.ts";

const HEDGE_MS = 500;
const LIMITED = {
  ...CONFIG,
  policy: { limits: { mode: "on", rules: [{ unit: "tokens", per: "hour", max: 1_000_000 }] } },
};

type Ended = { readonly row: LedgerRow; readonly actual: Actual };

/** A stream whose first target is silent, so that a second one is asked beside it. */
const hedged = async (mayExtend: boolean, admitMs = 0) => {
  const extensions: Extension[] = [];
  const ends: Ended[] = [];
  const resilience = { hedge: { enabled: true, after: HEDGE_MS }, max_retries: 0 };
  const stage = createStage(
    { ...LIMITED, resilience },
    (_, count) =>
      count === 1
        ? "silent"
        : { type: "text/event-stream", body: [50, ...framesOf("anthropic", WORDS)] },
    SECRETS,
  );
  const limiter = {
    ...noLimiter,
    admit: (...asked: Parameters<Limiter["admit"]>) =>
      sleep(stage.clock, admitMs).then(() => noLimiter.admit(...asked)),
    extend: async (_caller: unknown, _id: string, extension: Extension) => {
      extensions.push(extension);
      return mayExtend;
    },
    end: (_: unknown, row: LedgerRow, actual: Actual) => void ends.push({ row, actual }),
  };
  const body = { model: "anthropic", messages: MESSAGES, max_tokens: 500, stream: true };
  const wishes = { fallback: ["anthropic-2"] };
  const calling = chat({ ...stage.deps, limiter }, askFor(stage, body, { wishes }));
  await stage.clock.advance(admitMs + HEDGE_MS + 100);
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

  // The time of both was taken from the request's, and nothing was left that was the gateway's own.
  it("is waited for together with the first, not after it", async () => {
    const { calling, clock, ends } = await hedged(true, 300);
    const reply = await calling;
    if (reply.ok) await textOf(reply.body);
    await clock.advance(100);
    expect(ends[0]?.row).toMatchObject({ gateway_ms: 300, attempts: 2 });
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

const GRANTED: Admitted = {
  ...{ ok: true, way: 0, models: ["openai"], held: NO_COST, waitMs: 0 },
  ...{ requests: undefined, tokens: undefined, warning: undefined, warned: [], shadow: [] },
};
const HELD: Held = {
  cost: { requests: 1, slots: 1, tokens: 100, nanoUsd: 1_000 },
  floor: { tokens: 0, nanoUsd: 0 },
  outputCap: undefined,
};

const permitOf = (rules: readonly LimitRule[], models: readonly string[]): Permit => ({
  ...{ granted: GRANTED, rules, wanted: "openai", held: { tokens: 100, nanoUsd: 1_000 } },
  holds: new Map(models.map((model) => [model, HELD])),
  covered: new Map(models.slice(0, 1).map((model) => [model, { tokens: 100, nanoUsd: 1_000 }])),
  asking: "openai",
});

/** Limits of the model `a` alone. */
const OF_A = { when: { models: ["a"] } };
const NO = { status: 400, body: '{"error":{"message":"no"}}' };

describe("a request that is left alone by the one it followed", () => {
  // Its own request and slot were taken when it came in, and again when it went on: a limit that had room for
  // both requests refused the second one, and counted three.
  it("takes the request and the slot of its target once, and what they cost besides", async () => {
    const rules = [
      { unit: "requests", per: "hour", max: 2, ...OF_A },
      { unit: "concurrent", max: 2, ...OF_A },
      { unit: "tokens", per: "hour", max: 10_000, ...OF_A },
      { unit: "tokens", per: "hour", max: 10_000 },
    ];
    const policy = { ...CACHED.policy, limits: { mode: "on", rules } };
    const seen: unknown[] = [];
    const account = accounted(() => stage.clock.now());
    const stage = scene(
      (count) => {
        seen.push(account.standing("tokens"));
        return count === 1 ? NO : whole("hello");
      },
      { limiter: account.limiter },
      { ...CACHED, fallbacks: {}, policy },
    );
    const [one, other] = [stage.ask(), stage.ask()].map((each) => chat(stage.deps, each));
    await stage.clock.advance(2_000);
    expect((await one)?.ok).toBe(false);
    expect((await other)?.ok).toBe(true);
    expect(account.standing("requests")).toEqual([{ used: 2, held: 0 }]);
    expect(account.standing("concurrent")).toEqual([{ used: 0, held: 0 }]);
    // Each of them held the same for its own attempt, of both limits.
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    expect(account.standing("tokens")).toEqual([
      { used: 5, held: 0 },
      { used: 5, held: 0 },
    ]);
  });
});

describe("one more attempt", () => {
  it("takes of a target's own limits what is missing there, whatever others have left over", async () => {
    const stage = createStage(CONFIG, () => "silent", SECRETS);
    const snapshot = await stage.deps.settings.current();
    const [one, two] = ["openai", "anthropic"].map((model) => snapshot.targets.get(model));
    if (one === undefined || two === undefined) throw new Error("no targets");
    const run = begin(askFor(stage, { model: one.model, messages: MESSAGES }), "chat", 1);
    const models = [one.model, two.model];
    run.permit = permitOf([ruleOf({ unit: "tokens", models }), ruleOf({ unit: "tokens" })], models);
    const asked: unknown[] = [];
    const extend = async (_: unknown, __: string, { more, own }: Extension) => {
      asked.push([more.tokens, own.requests, own.slots, own.tokens]);
      return true;
    };
    const deps = { ...stage.deps, limiter: { ...noLimiter, extend } };
    const paid = (target: typeof one, tokens: number) =>
      run.bill.entries.push({
        ...freeEntry(target),
        usage: { output_tokens: tokens },
        isFree: false,
      });
    await cover(deps, run, one); // as admitted
    paid(one, 30);
    await cover(deps, run, two); // new
    paid(two, 60);
    await cover(deps, run, one); // once more
    await cover(deps, run, one); // nothing has happened since
    expect(asked).toEqual([
      [30, 1, 1, 100],
      [60, 0, 0, 30],
    ]);
  });
});

describe("an answer that another target goes on with", () => {
  const SAID = "word ".repeat(800).trim();

  /** The tokens that each later attempt has asked for, in a policy that counts them in that way. */
  const asked = async (reserve: string, second: string) => {
    const extensions: [string, number][] = [];
    const rules = [{ unit: "tokens", per: "hour", max: 1_000_000 }];
    const stage = createStage(
      { ...CONFIG, policy: { limits: { mode: "on", reserve, rules } } },
      (_, count) => {
        if (count === 1) {
          const frames = framesOf("openai", [SAID, " and so on"]);
          return { type: "text/event-stream", body: [...frames.slice(0, 2), "cut"] };
        }
        return { body: "{}", status: 500 };
      },
      SECRETS,
    );
    const extend = async (_: unknown, __: string, { model, more }: Extension) => {
      extensions.push([model, more.tokens]);
      return true;
    };
    const body = { model: "openai", messages: MESSAGES, max_tokens: 500, stream: true };
    const wishes = { fallback: [second] };
    const deps = { ...stage.deps, limiter: { ...noLimiter, extend } };
    const calling = chat(deps, askFor(stage, body, { wishes }));
    await stage.clock.advance(10);
    const reply = await calling;
    const reading = reply.ok ? textOf(reply.body) : "";
    await stage.clock.advance(10_000);
    await reading;
    return extensions;
  };

  // What had been said was sent along, and read and charged, and nobody had held anything for it.
  it.each([
    ["strict", SAID.length, SAID.length + 100],
    ["balanced", 700, 1_000],
  ])("is held for with what was said so far, %s", async (reserve, least, most) => {
    const [[, afresh] = ["", 0]] = await asked(reserve, "anthropic-2");
    const [[, goingOn] = ["", 0]] = await asked(reserve, "prefilled");
    expect(goingOn - afresh).toBeGreaterThanOrEqual(least);
    expect(goingOn - afresh).toBeLessThan(most);
  });

  it("is as large as before once it has to be said again", async () => {
    const stage = createStage(CONFIG, () => "silent", SECRETS);
    const { targets } = await stage.deps.settings.current();
    const target = targets.get("prefilled");
    if (target === undefined) throw new Error("no target");
    const body = { model: "openai", messages: MESSAGES, max_tokens: 500 };
    const run = begin(askFor(stage, body), "chat", 1);
    const before = { sizes: run.sizes, held: HELD };
    run.permit = permitOf([ruleOf({ unit: "tokens" })], [target.model]);
    const unweigh = weigh(stage.deps, run, target, SAID);
    expect(run.sizes().estimate()).toBeGreaterThan(before.sizes().estimate() + 700);
    expect(run.permit.holds.get(target.model)?.cost.tokens).toBeGreaterThan(SAID.length);
    unweigh?.();
    expect({ sizes: run.sizes, held: run.permit.holds.get(target.model) }).toEqual(before);
  });
});
