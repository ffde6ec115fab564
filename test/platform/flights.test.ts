import { describe, expect, it } from "vitest";
import { createFlights } from "../../src/platform/flights.ts";
import type { Following, Shown } from "../../src/ports-cache.ts";
import { createTestClock } from "../support/clock.ts";

const quiet = new AbortController().signal;
const SHOWN = { passes: true, dropped: [], answer: { kind: "whole" } } as unknown as Shown;

const taxi = () => {
  const clock = createTestClock();
  return { clock, flights: createFlights(clock) };
};
const joined = (following: Following | undefined): Following => {
  if (following === undefined) throw new Error("nobody is ahead");
  return following;
};

describe("equal requests", () => {
  it("find the one who is ahead, and wake when he has something to say", async () => {
    const { flights } = taxi();
    expect(flights.join("a")).toBeUndefined();
    const lead = flights.lead("a");
    const follower = joined(flights.join("a"));
    expect(flights.join("b")).toBeUndefined();
    expect(follower.state()).toBe("looking");
    for (const [say, state] of [
      [() => lead.asking(), "asking"],
      [() => lead.show(SHOWN), "asking"],
      [() => lead.stir(), "asking"],
      [() => lead.end("over"), "over"],
    ] as const) {
      const waiting = follower.next(quiet);
      say();
      await waiting;
      expect(follower.state()).toBe(state);
    }
    expect(follower.shown()).toBe(SHOWN);
  });

  it("that come when he has ended go ahead themselves", () => {
    const { flights } = taxi();
    const lead = flights.lead("a");
    lead.end("lost");
    expect(flights.join("a")).toBeUndefined();
    flights.lead("a");
    lead.end("over");
    expect(joined(flights.join("a")).state()).toBe("looking");
  });

  it("that come while he only keeps his answer go ahead of those who come later", () => {
    const { flights } = taxi();
    const first = flights.lead("a");
    first.asking();
    first.keeping();
    expect(joined(flights.join("a")).state()).toBe("keeping");
    flights.lead("a").asking();
    expect(joined(flights.join("a")).state()).toBe("asking");
    first.end("over");
    expect(joined(flights.join("a")).state()).toBe("asking");
  });

  it("do not take the place of one who is ahead", () => {
    const { flights } = taxi();
    const first = flights.lead("a");
    const second = flights.lead("a");
    second.end("lost");
    expect(joined(flights.join("a")).state()).toBe("looking");
    first.end("found");
    expect(flights.join("a")).toBeUndefined();
  });

  it("stop waiting when their caller leaves", async () => {
    const { flights } = taxi();
    flights.lead("a");
    const leaving = new AbortController();
    const waiting = joined(flights.join("a")).next(leaving.signal);
    leaving.abort();
    await waiting;
  });

  it("go on by themselves when he says nothing any more", async () => {
    // A clock of his own: it stands still with the request that the runtime has ended.
    const { clock, flights } = taxi();
    let dead = false;
    const mortal = createFlights({
      now: clock.now,
      after: (ms, run) => clock.after(ms, () => (dead ? undefined : run())),
    });
    mortal.lead("a");
    flights.lead("a");
    const follower = joined(mortal.join("a"));
    await clock.advance(60_000);
    expect(mortal.join("a")).toBeDefined();
    expect(flights.join("a")).toBeDefined();
    dead = true;
    await clock.advance(4_000);
    expect(mortal.join("a")).toBeUndefined();
    expect(follower.state()).toBe("lost");
    expect(flights.join("a")).toBeDefined();
  });

  it("look after him while they wait", async () => {
    const clock = createTestClock();
    let isAlive = true;
    let beats = 0;
    const flights = createFlights({
      now: clock.now,
      // The first timer is that of the one who is ahead.
      after: (ms, run) => {
        beats += 1;
        const isHis = beats === 1;
        return clock.after(ms, () => (isHis && !isAlive ? undefined : run()));
      },
    });
    flights.lead("a");
    isAlive = false;
    const follower = joined(flights.join("a"));
    const waits = async (): Promise<void> => {
      while (follower.state() === "looking") await follower.next(quiet);
    };
    const waiting = waits();
    await clock.advance(5_000);
    await waiting;
    expect(follower.state()).toBe("lost");
  });
});
