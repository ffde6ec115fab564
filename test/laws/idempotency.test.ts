import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aged,
  KEEP_MS,
  LOCK_MS,
  NO_RECORD,
  type OnceEvent,
  type OnceState,
  onceStep,
} from "../../src/policy/idempotency/machine.ts";
import { createKeeper, playRuns, START } from "./idempotency-runs.ts";

const fingerprint = fc.constantFrom("a", "b");
const owner = fc.constantFrom("one", "two", "three");
/** Fences as they come: mostly those of this key's runs, now and then one that was never given out. */
const fence = fc.nat({ max: 6 });
const event: fc.Arbitrary<OnceEvent> = fc.oneof(
  fc.record({ type: fc.constant("begin" as const), fingerprint, owner, fence }),
  fc.record({ type: fc.constantFrom("dispatched", "renew", "free"), fence }),
  fc.record({ type: fc.constant("done" as const), fence, large: fc.boolean() }),
);
const pause = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: LOCK_MS / 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(LOCK_MS, KEEP_MS - 1, KEEP_MS, 2 * KEEP_MS) },
);
const history = fc.array(fc.record({ event, pause }), { maxLength: 30 });

describe("laws of an idempotency record", () => {
  it("1,000 requests with one key are dispatched at most once where tokens were used, whatever crashes", () => {
    let dispatched = 0;
    let replays = 0;
    let doubts = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const world = playRuns(seed, 1_000);
        expect(world.now() - START).toBeLessThan(KEEP_MS);
        expect(world.billed).toBeLessThanOrEqual(1);
        dispatched += world.billed;
        replays += world.replays;
        doubts += world.doubts;
      }),
      { numRuns: 300 },
    );
    // The runs are worth something: most come to an answer, and some to doubt.
    expect(dispatched).toBeGreaterThan(200);
    expect(replays).toBeGreaterThan(1_000);
    expect(doubts).toBeGreaterThan(1_000);
  });

  it("where at least once was chosen a doubtful run is made again, and only then twice", () => {
    let most = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const world = playRuns(seed, 300, { atLeastOnce: true });
        expect(world.doubts).toBe(0);
        most = Math.max(most, world.billed);
      }),
      { numRuns: 200 },
    );
    expect(most).toBeGreaterThan(1);
  });

  it("a run that died before it asked anybody keeps nobody away for longer than its lock", () => {
    fc.assert(
      fc.property(fc.nat({ max: LOCK_MS }), fc.nat({ max: 5 }), (wait, renewals) => {
        const keeper = createKeeper();
        let now = START;
        keeper.begin("dies", "a", now);
        for (let count = 0; count < renewals; count += 1) {
          now += LOCK_MS / 3;
          keeper.tell({ type: "renew", fence: 1 }, now);
        }
        const during = keeper.begin("next", "a", now + wait);
        expect(during.is).toBe(wait < LOCK_MS ? "refused" : "go");
        expect(keeper.begin("another", "b", now + LOCK_MS).is).toBe(
          wait < LOCK_MS ? "go" : "refused",
        );
      }),
    );
  });

  it("sweeping at any time changes nothing that anybody is told", () => {
    fc.assert(
      fc.property(history, (events) => {
        let [state, swept]: OnceState[] = [NO_RECORD, NO_RECORD];
        let now = START;
        for (const { event: one, pause: ms } of events) {
          now += ms;
          const plain = onceStep(state ?? NO_RECORD, one, now);
          const after = onceStep(aged(swept ?? NO_RECORD, now), one, now);
          expect(after.output).toEqual(plain.output);
          [state, swept] = [plain.state, after.state];
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("restored from JSON at any step it goes on identically", () => {
    fc.assert(
      fc.property(history, (events) => {
        let live: OnceState = NO_RECORD;
        let restored: OnceState = NO_RECORD;
        let now = START;
        for (const { event: one, pause: ms } of events) {
          now += ms;
          const next = onceStep(live, one, now);
          const again = onceStep(JSON.parse(JSON.stringify(restored)) as OnceState, one, now);
          expect(again).toEqual(next);
          live = next.state;
          restored = again.state;
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("what is not taken on leaves the record as it was, and a lower fence never is", () => {
    let refused = 0;
    fc.assert(
      fc.property(history, (events) => {
        let state: OnceState = NO_RECORD;
        let now = START;
        for (const { event: one, pause: ms } of events) {
          now += ms;
          const before: OnceState = state;
          const step = onceStep(before, one, now);
          const { is } = step.output;
          const isLower = before.phase !== "none" && one.fence < before.fence;
          if (one.type !== "begin" && isLower) expect(is).toBe("stale");
          if (is === "stale" || is === "refused" || is === "replay") {
            refused += 1;
            expect(step.state).toBe(before);
          }
          state = step.state;
        }
      }),
      { numRuns: 5_000 },
    );
    expect(refused).toBeGreaterThan(10_000);
  });
});
