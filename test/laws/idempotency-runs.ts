/**
 * Decides: nothing: requests that share one Idempotency-Key, played in any order with crashes at any step, lost
 * answers, pauses and sweeps.
 */
import {
  aged,
  LOCK_MS,
  NO_RECORD,
  type OnceEvent,
  type OnceOutput,
  type OnceRules,
  type OnceState,
  onceStep,
} from "../../src/policy/idempotency/machine.ts";
import { chanceFrom } from "../support/chance.ts";

export const START = 1_700_000_000_000;

/** The record as the object keeps it: as JSON, put away between any two events. */
export const createKeeper = (rules?: OnceRules) => {
  let kept = JSON.stringify(NO_RECORD);
  let fence = 0;
  return {
    state: (): OnceState => JSON.parse(kept) as OnceState,
    tell: (event: OnceEvent, now: number): OnceOutput => {
      const { state, output } = onceStep(JSON.parse(kept) as OnceState, event, now, rules);
      kept = JSON.stringify(state);
      return output;
    },
    begin: (owner: string, fingerprint: string, now: number): OnceOutput => {
      const event = { type: "begin", owner, fingerprint, fence: fence + 1 } as const;
      const { state, output } = onceStep(JSON.parse(kept) as OnceState, event, now, rules);
      kept = JSON.stringify(state);
      if (output.is === "go") fence = Math.max(fence, output.fence);
      return output;
    },
    // What the sweep does: time alone moves the record on.
    sweep: (now: number) => {
      kept = JSON.stringify(aged(JSON.parse(kept) as OnceState, now));
    },
  };
};
type Keeper = ReturnType<typeof createKeeper>;

type Run = {
  readonly owner: string;
  at: "begin" | "dispatch" | "upstream" | "outcome" | "over";
  fence: number;
  billed: boolean;
};

export type World = {
  readonly keeper: Keeper;
  readonly chance: () => number;
  readonly now: () => number;
  /** Calls of a provider that somebody may be billed for. */
  billed: number;
  replays: number;
  doubts: number;
};

/** One step of a run. An answer may be lost: then the run asks again, or dies. */
const move = (run: Run, world: World): void => {
  const { keeper, chance, now } = world;
  const isLost = (): boolean => chance() < 0.05;
  if (chance() < 0.1) {
    run.at = "over"; // the isolate is gone
    return;
  }
  switch (run.at) {
    case "begin": {
      const told = keeper.begin(run.owner, "same", now());
      if (isLost()) return;
      if (told.is === "replay") world.replays += 1;
      if (told.is === "refused" && told.code === "idempotency_outcome_unknown") world.doubts += 1;
      if (told.is === "go") run.fence = told.fence;
      run.at = told.is === "go" ? "dispatch" : "over";
      return;
    }
    case "dispatch": {
      const told = keeper.tell({ type: "dispatched", fence: run.fence }, now());
      if (isLost()) return;
      run.at = told.is === "ok" ? "upstream" : "over";
      return;
    }
    case "upstream": {
      run.billed = chance() < 0.5;
      if (run.billed) world.billed += 1;
      run.at = "outcome";
      return;
    }
    case "outcome": {
      const large = chance() < 0.1;
      const event: OnceEvent = run.billed
        ? { type: "done", fence: run.fence, large }
        : { type: "free", fence: run.fence };
      keeper.tell(event, now());
      if (!isLost()) run.at = "over";
    }
  }
};

/** `count` requests with one key, in any order, with crashes, lost answers, pauses and sweeps. */
export const playRuns = (seed: number, count: number, rules?: OnceRules): World => {
  const chance = chanceFrom(seed);
  let now = START;
  const world: World = {
    keeper: createKeeper(rules),
    chance,
    now: () => now,
    billed: 0,
    replays: 0,
    doubts: 0,
  };
  let waiting = count;
  let live: Run[] = [];
  while (waiting > 0 || live.length > 0) {
    if (waiting > 0 && chance() < 0.5) {
      waiting -= 1;
      live.push({ owner: `run-${waiting}`, at: "begin", fence: 0, billed: false });
    }
    const run = live[Math.floor(chance() * live.length)];
    if (run !== undefined) move(run, world);
    if (chance() < 0.02) now += Math.floor(chance() * 2 * LOCK_MS);
    if (chance() < 0.02) world.keeper.sweep(now);
    live = live.filter(({ at }) => at !== "over");
  }
  return world;
};
