import { describe, expect, it } from "vitest";
import {
  NO_RECORD,
  type OnceOutput,
  type OnceRecord,
  type OnceState,
  onceStep,
  RENEW_MS,
} from "../../../src/policy/idempotency/machine.ts";

const NOW = 1_700_000_000_000;
/** What callers are promised. */
const LOCK_MS = 60_000;
const KEEP_MS = 86_400_000;
const record = (phase: OnceRecord["phase"], until = NOW + 1): OnceRecord => ({
  phase,
  fingerprint: "same",
  owner: "first",
  fence: 3,
  until,
});
const begin = { type: "begin", fingerprint: "same", owner: "second", fence: 4 } as const;
const GO: OnceOutput = { is: "go", fence: 4 };
const refused = (code: Extract<OnceOutput, { is: "refused" }>["code"]): OnceOutput => ({
  is: "refused",
  code,
});
const REUSED = refused("idempotency_key_reused");
const IN_PROGRESS = refused("idempotency_in_progress");

describe("who comes with a key", () => {
  it.each<[string, OnceState, OnceOutput, OnceOutput]>([
    ["nothing", NO_RECORD, GO, GO],
    ["a run that has asked nobody", record("locked"), IN_PROGRESS, REUSED],
    ["such a run, dead", record("locked", NOW), GO, GO],
    ["a run that has asked", record("dispatched"), IN_PROGRESS, REUSED],
    [
      "such a run, silent",
      record("dispatched", NOW),
      refused("idempotency_outcome_unknown"),
      REUSED,
    ],
    ["doubt", record("unknown"), refused("idempotency_outcome_unknown"), REUSED],
    ["doubt of a day ago", record("unknown", NOW), GO, GO],
    ["a silence of a day", record("dispatched", NOW - KEEP_MS), GO, GO],
    ["a kept reply", record("done"), { is: "replay" }, REUSED],
    ["a kept reply of a day ago", record("done", NOW), GO, GO],
    [
      "a reply too large to keep",
      record("done_large"),
      refused("idempotency_not_replayable"),
      REUSED,
    ],
    ["such a reply of a day ago", record("done_large", NOW), GO, GO],
  ])("finds %s", (_, state, same, other) => {
    expect(onceStep(state, begin, NOW).output).toEqual(same);
    expect(onceStep(state, { ...begin, fingerprint: "other" }, NOW).output).toEqual(other);
  });

  it("holds the key for a minute", () => {
    const { state } = onceStep(NO_RECORD, begin, NOW);
    expect(state).toEqual({ ...record("locked"), owner: "second", fence: 4, until: NOW + LOCK_MS });
  });

  it("is told the same when he asks again because the answer was lost", () => {
    const again = { ...begin, owner: "first" };
    expect(onceStep(record("locked"), again, NOW).output).toEqual({ is: "go", fence: 3 });
  });

  it("loses the lock of a run only when two of its signs of life are lost", () => {
    expect(RENEW_MS).toBe(LOCK_MS / 3);
  });

  it("takes the place of a silent run only where at least once was chosen", () => {
    const rules = { atLeastOnce: true };
    expect(onceStep(record("dispatched", NOW), begin, NOW, rules).output).toEqual(GO);
    expect(onceStep(record("dispatched"), begin, NOW, rules).output).toEqual(IN_PROGRESS);
  });
});

describe("what the run with the fence writes", () => {
  const write = { dispatched: { type: "dispatched" }, renew: { type: "renew" } } as const;
  const done = (large: boolean) => ({ type: "done", large }) as const;
  const free = { type: "free" } as const;
  const LOCK = NOW + LOCK_MS;
  const KEEP = NOW + KEEP_MS;

  it.each<
    [OnceRecord["phase"], { readonly type: string; readonly large?: boolean }, OnceState | "stale"]
  >([
    ["locked", write.dispatched, record("dispatched", LOCK)],
    ["dispatched", write.dispatched, record("dispatched", LOCK)],
    ["unknown", write.dispatched, "stale"],
    ["done", write.dispatched, "stale"],
    ["done_large", write.dispatched, "stale"],
    ["locked", write.renew, record("locked", LOCK)],
    ["dispatched", write.renew, record("dispatched", LOCK)],
    ["unknown", write.renew, record("dispatched", LOCK)],
    ["done", write.renew, "stale"],
    ["locked", done(false), record("done", KEEP)],
    ["dispatched", done(false), record("done", KEEP)],
    ["dispatched", done(true), record("done_large", KEEP)],
    ["unknown", done(false), record("done", KEEP)],
    ["done", done(true), record("done")],
    ["done_large", done(false), record("done_large")],
    ["locked", free, NO_RECORD],
    ["dispatched", free, NO_RECORD],
    ["unknown", free, NO_RECORD],
    ["done", free, "stale"],
    ["done_large", free, "stale"],
  ])("%s, %j", (phase, event, expected) => {
    const whole = { ...event, fence: 3 } as Parameters<typeof onceStep>[1];
    const step = onceStep(record(phase), whole, NOW);
    expect(step.output.is).toBe(expected === "stale" ? "stale" : "ok");
    expect(step.state).toEqual(expected === "stale" ? record(phase) : expected);
    for (const fence of [2, 4]) {
      const foreign = onceStep(record(phase), { ...whole, fence }, NOW);
      expect(foreign).toEqual({ state: record(phase), output: { is: "stale" } });
    }
  });

  it("finds a lock that ran out before anything was sent gone, and may not send", () => {
    const late = onceStep(record("locked", NOW), { type: "dispatched", fence: 3 }, NOW);
    expect(late.output).toEqual({ is: "stale" });
  });
});
