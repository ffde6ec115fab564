import { describe, expect, it } from "vitest";
import { lastingSignal, lastingSink } from "../../src/pipeline/lasting.ts";
import { noFlights } from "../../src/ports-cache.ts";
import { createTestClock } from "../support/clock.ts";

/** One who is followed until `alone`. */
const scene = () => {
  const clock = createTestClock();
  const leaving = new AbortController();
  let isFollowed = true;
  const lead = { ...noFlights.lead(""), isFollowed: () => isFollowed };
  const written: number[] = [];
  const writer = (write: (bytes: Uint8Array) => Promise<void>) => ({
    write: (bytes?: Uint8Array) => write(bytes ?? new Uint8Array()),
    close: async () => void written.push(-1),
    abort: async () => {},
  });
  const alone = (): void => {
    isFollowed = false;
  };
  return { clock, leaving, lead, written, writer, alone };
};

describe("a request whose caller has left", () => {
  it("is over at once where nobody follows", () => {
    const { clock, leaving, lead, alone } = scene();
    alone();
    const signal = lastingSignal(clock, leaving.signal, lead);
    expect(signal.aborted).toBe(false);
    leaving.abort();
    expect(signal.aborted).toBe(true);
  });

  it("goes on while somebody follows, and no longer", async () => {
    const { clock, leaving, lead, alone } = scene();
    const signal = lastingSignal(clock, leaving.signal, lead);
    leaving.abort();
    await clock.advance(60_000);
    expect(signal.aborted).toBe(false);
    alone();
    await clock.advance(1_000);
    expect(signal.aborted).toBe(true);
  });

  it("writes to nobody any more, and is told that he has left", async () => {
    const { leaving, lead, written, writer } = scene();
    const taken = writer(async ({ byteLength }) => void written.push(byteLength));
    const sink = lastingSink(taken, leaving.signal, lead);
    await sink.write(new Uint8Array(3));
    leaving.abort();
    await new Promise((done) => setImmediate(done));
    const failing = lastingSink(
      writer(() => Promise.reject(new Error("gone"))),
      new AbortController().signal,
      lead,
    );
    await failing.write(new Uint8Array(1));
    await failing.write(new Uint8Array(1));
    await failing.close();
    expect([failing.hasLeft(), written]).toEqual([true, [3]]);
    const stuck = lastingSink(
      writer(() => new Promise(() => {})),
      leaving.signal,
      lead,
    );
    await stuck.write(new Uint8Array(1));
    expect(stuck.hasLeft()).toBe(true);
  });

  it("fails as before where nobody follows", async () => {
    const { lead, leaving, writer, alone } = scene();
    alone();
    const fault = new Error("gone");
    const sink = lastingSink(
      writer(() => Promise.reject(fault)),
      leaving.signal,
      lead,
    );
    await expect(sink.write(new Uint8Array(1))).rejects.toBe(fault);
  });
});
