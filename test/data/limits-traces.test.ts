import { expect, it } from "vitest";
import type { LimitRule } from "../../src/domain/limit.ts";
import { COUNTERS } from "../../src/policy/limits/counters.ts";
import { NOON, ruleOf } from "../policy/limits/rule.ts";
import { describeRecorded, recorded, recordedText } from "../support/recorded-data.ts";

/** Milliseconds; `held` is what is asked for before it runs, `used` what is reported at `end`. */
type Call = {
  readonly at: number;
  readonly end: number;
  readonly held: number;
  readonly used: number;
};

/** What a caller asks for who expects no more than this. */
const OUTPUT_GUESS = 400;
const MS_PER_TOKEN = 20;

const callOf = (at: number, input: number, output: number): Call => ({
  at: NOON + at,
  end: NOON + at + output * MS_PER_TOKEN,
  held: Math.ceil(input * 1.1) + OUTPUT_GUESS,
  used: input + output,
});

const STAMP = "2023-11-16 18:40:46.153".length;
const azure = (file: string) => (): Call[] => {
  const [, ...lines] = recordedText(`traces/${file}`).trim().split(/\r?\n/);
  const rows = lines.map((line) => {
    const [time = "", input, output] = line.split(",");
    return {
      at: Date.parse(`${time.slice(0, STAMP)}Z`),
      input: Number(input),
      output: Number(output),
    };
  });
  const start = rows[0]?.at ?? 0;
  return rows.map(({ at, input, output }) => callOf(at - start, input, output));
};

type MooncakeRow = { timestamp: number; input_length: number; output_length: number };
const mooncake = (file: string) => (): Call[] =>
  recorded<MooncakeRow>(`traces/${file}`).map((row) =>
    callOf(row.timestamp, row.input_length, row.output_length),
  );

const TRACES = [
  ["azure_llm_2023_code", azure("azure_llm_2023_code.csv")],
  ["azure_llm_2023_conv", azure("azure_llm_2023_conv.csv")],
  ["mooncake_conversation", mooncake("mooncake_conversation.jsonl")],
  ["mooncake_synthetic", mooncake("mooncake_synthetic.jsonl")],
] as const;

/** A limiter as a simulation writes it down: no state but what happened. */
type Simulation = {
  admits(amount: number, now: number): boolean;
  take(call: Call): void;
  settle(call: Call, now: number): void;
};

const MINUTE = 60_000;
const SECOND = 1_000;

/** Every call by itself; a second's calls leave together, a minute after the last of them. */
const exactLog = (max: number): Simulation => {
  let log: { call: Call; tokens: number }[] = [];
  const lastOf = new Map<number, number>();
  const second = ({ at }: Call) => Math.floor(at / SECOND);
  const counts = (call: Call, now: number) => (lastOf.get(second(call)) ?? 0) + MINUTE > now;
  return {
    admits(amount, now) {
      log = log.filter(({ call }) => counts(call, now));
      return log.reduce((sum, { tokens }) => sum + tokens, 0) + amount <= max;
    },
    take(call) {
      lastOf.set(second(call), call.at);
      log.push({ call, tokens: call.held });
    },
    settle(call) {
      for (const entry of log) if (entry.call === call) entry.tokens = call.used;
    },
  };
};

/** Tokens that come back, counted in sixty-thousandths of one. */
const tokenBucket = (max: number): Simulation => {
  const full = BigInt(max) * BigInt(MINUTE);
  let free = full;
  let at = NOON;
  const least = (a: bigint, b: bigint) => (a < b ? a : b);
  const moveTo = (now: number) => {
    free = least(full, free + BigInt(now - at) * BigInt(max));
    at = now;
  };
  return {
    admits(amount, now) {
      moveTo(now);
      return free >= BigInt(amount) * BigInt(MINUTE);
    },
    take({ held }) {
      free -= BigInt(held) * BigInt(MINUTE);
    },
    settle({ held, used }, now) {
      moveTo(now);
      free = least(full, free + BigInt(held - used) * BigInt(MINUTE));
    },
  };
};

/** Both in virtual time, in the order in which things happen; the calls on which they differ. */
const replay = (calls: readonly Call[], rule: LimitRule, simulation: Simulation) => {
  const counter = COUNTERS[rule.kind];
  let state: unknown;
  let running: { call: Call; window: string }[] = [];
  const seen = { admitted: 0, refused: 0, differing: 0 };
  for (const call of calls) {
    const ended = running.filter(({ call: { end } }) => end <= call.at);
    running = running.filter(({ call: { end } }) => end > call.at);
    for (const { call: done, window } of ended.toSorted((a, b) => a.call.end - b.call.end)) {
      state = counter.settle(state, rule, window, done.held, done.used, done.end);
      simulation.settle(done, done.end);
    }
    const goes = counter.check(state, rule, call.held, call.at).verdict === "go";
    if (goes !== simulation.admits(call.held, call.at)) seen.differing += 1;
    seen[goes ? "admitted" : "refused"] += 1;
    if (!goes) continue;
    const taken = counter.take(state, rule, call.held, call.at);
    state = taken.state;
    simulation.take(call);
    running.push({ call, window: taken.window });
  }
  return seen;
};

describeRecorded.each(TRACES)("the tokens a minute of %s", (name, load) => {
  const calls = load().toSorted((a, b) => a.at - b.at);
  const span = (calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0);
  const perMinute = (calls.reduce((sum, { used }) => sum + used, 0) * MINUTE) / span;

  it.each([
    ["sliding", 0.3, exactLog],
    ["sliding", 0.6, exactLog],
    ["bucket", 0.3, tokenBucket],
    ["bucket", 0.6, tokenBucket],
  ] as const)(
    "are limited as by a simulation: %s, at %d of what is asked for",
    (kind, share, of) => {
      const max = Math.round(perMinute * share);
      const rule = ruleOf({ kind, unit: "tokens", max });
      const seen = replay(calls, rule, of(max));
      console.log(`limits: ${name} ${kind} ${max} a minute: ${JSON.stringify(seen)}`);
      expect(seen.differing).toBe(0);
      expect(seen.admitted).toBeGreaterThan(100);
      expect(seen.refused).toBeGreaterThan(50);
    },
  );
});
