import { describe, expect, it } from "vitest";
import { createFramer, type Frame } from "../../src/base/sse.ts";
import type { ErrorCode } from "../../src/domain/error.ts";
import type { StreamEnd } from "../../src/pipeline/frame-source.ts";
import { type Line, noFacts } from "../../src/pipeline/line.ts";
import { type Relaying, relay } from "../../src/pipeline/relay.ts";
import type { Live } from "../../src/pipeline/trial.ts";
import { createWatchdog } from "../../src/pipeline/watchdog.ts";
import { createTestClock, settle } from "../support/clock.ts";

const FRAMES: readonly Frame[] = createFramer().push(new TextEncoder().encode("data: {}\n\n"));

/** Some batches of frames, then the end. */
const scene = (
  end: StreamEnd,
  take: Line["take"] = () => [],
  write = async () => {},
  batches = [FRAMES],
) => {
  const clock = createTestClock();
  const ends: string[] = [];
  const told: string[] = [];
  const caller = new AbortController();
  const facts = noFacts();
  const nothing = () => undefined;
  const target: unknown = {};
  const live: Live = {
    ...{ kind: "live", target: target as Live["target"], opening: [], complete: false },
    source: { next: async () => batches.shift() ?? end, cancel: () => {}, rest: async () => {} },
    line: { facts, take, finish: () => [], said: nothing, own: nothing, frames: nothing },
    watchdog: createWatchdog(clock, caller.signal, clock.now() + 100_000),
    ended: (kind) => void ends.push(kind),
  };
  const relaying: Relaying = {
    ...{ clock, live },
    writer: {
      write,
      close: async () => void told.push("closed"),
      abort: async () => void told.push("aborted"),
    },
    errorFrame: ({ code }) => {
      told.push(code);
      return new Uint8Array(1);
    },
    resume: async () => undefined,
    progress: () => {},
  };
  return { relaying, ends, told, caller };
};

describe("a relay", () => {
  // Telling him of the failure failed, too, and the attempt was entered and learnt from a second time.
  it("tells the end of an attempt once, where its caller has left when he is told of the failure", async () => {
    const { relaying, ends } = scene(
      { end: "cut" },
      () => [],
      () => Promise.reject(new Error("gone")),
    );
    expect((await relay(relaying)).end).toEqual({ end: "caller_left" });
    expect(ends).toEqual(["fail"]);
  });

  // It was taken for a caller who had left: he waited for ever, and the ledger said that he was gone.
  it("that a bug has stopped tells its caller, who is still there", async () => {
    const { relaying, ends, told } = scene({ end: "cut" }, () => {
      throw new Error("a bug");
    });
    const code: ErrorCode = "internal_error";
    expect((await relay(relaying)).end).toEqual({ end: "broken", code, phase: undefined });
    expect(told).toEqual([code, "closed"]);
    expect(ends).toEqual(["ignore"]);
  });

  // What is still to be told would wait behind it for ever, and nobody would settle the request.
  it("ends for a caller who has left, also where a write to him never does", async () => {
    const much = new Uint8Array(200 * 1024);
    const never = () => new Promise<void>(() => {});
    const { relaying, ends, caller } = scene({ end: "cut" }, () => [much], never, [FRAMES, FRAMES]);
    const relayed = relay(relaying);
    await settle();
    caller.abort();
    expect((await relayed).end).toEqual({ end: "caller_left" });
    expect(ends).toEqual(["ignore"]);
  });

  it("ends for a caller who leaves at the end, also where his stream never closes", async () => {
    const { relaying, ends, caller } = scene({ end: "cut" });
    const { live, writer } = relaying;
    Object.assign(live.line.facts, { finished: true });
    const close = () => new Promise<void>(() => {});
    const relayed = relay({ ...relaying, writer: { ...writer, close } });
    await settle();
    caller.abort();
    expect((await relayed).end).toEqual({ end: "caller_left" });
    expect(ends).toEqual(["ignore"]);
  });
});
