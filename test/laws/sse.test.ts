import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFramer, decodeFrame, type Frame, frameData } from "../../src/base/sse.ts";
import { readEventStream } from "../support/event-stream.ts";
import { byteByByte, joinBytes, splitAt } from "../support/split.ts";

const token = fc.constantFrom(
  ...[
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\r\n\r\n",
    "\r\r",
    "data",
    "data:",
    "data: ",
    ": note",
    "event:",
  ],
  ...[" ", "id: 7", "\ufeff", "x", "é", "漢", "😀", "\0", '{"a":1}'],
);
const streams = fc
  .tuple(fc.array(token, { maxLength: 40 }), fc.array(fc.integer({ min: 0, max: 255 })))
  .map(([tokens, noise]) =>
    joinBytes([new TextEncoder().encode(tokens.join("")), new Uint8Array(noise)]),
  );
const places = fc.array(fc.nat({ max: 400 }), { maxLength: 12 });

const frame = (chunks: readonly Uint8Array[]) => {
  const framer = createFramer();
  const frames: Frame[] = chunks.flatMap((chunk) => [...framer.push(chunk)]);
  return { frames, rest: framer.finish() };
};
const plain = ({ frames, rest }: ReturnType<typeof frame>) => ({
  frames: frames.map(({ bytes, first }) => ({ bytes: [...bytes], first: first === true })),
  rest: rest && [...rest],
});

describe("laws of event framing", () => {
  it("any split of the bytes gives the same frames", () => {
    fc.assert(
      fc.property(streams, places, (bytes, cuts) => {
        const whole = plain(frame([bytes]));
        expect(plain(frame(splitAt(bytes, cuts)))).toEqual(whole);
        expect(plain(frame(byteByByte(bytes)))).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it("the frames and the rest, joined, are the input", () => {
    fc.assert(
      fc.property(streams, places, (bytes, cuts) => {
        const { frames, rest } = frame(splitAt(bytes, cuts));
        const parts = [...frames.map((one) => one.bytes), ...(rest ? [rest] : [])];
        expect([...joinBytes(parts)]).toEqual([...bytes]);
      }),
    );
  });

  it("the events are those of the standard's own procedure", () => {
    fc.assert(
      fc.property(streams, (bytes) => {
        // A stream cut inside the CRLF of its last blank line has its last event in the rest.
        const ended = joinBytes([bytes, new Uint8Array([10])]);
        const events = frame([ended]).frames.flatMap((one) => decodeFrame(one) ?? []);
        const expected = readEventStream(ended).events;
        expect(events).toEqual(expected.map(({ event = "", data }) => ({ event, data })));
      }),
      { numRuns: 2_000 },
    );
  });

  it("the shortcut for plain frames says what the full reading says, or nothing", () => {
    fc.assert(
      fc.property(streams, (bytes) => {
        for (const one of frame([bytes]).frames) {
          const short = frameData(one);
          if (short === undefined) continue;
          const slow = readEventStream(one.bytes).events;
          expect(slow).toEqual([{ data: short }]);
        }
      }),
    );
  });

  it("the frames before the first that is over the cap are all that is returned, whatever the split", () => {
    fc.assert(
      fc.property(streams, places, fc.integer({ min: 1, max: 30 }), (bytes, cuts, maxBytes) => {
        const run = (chunks: readonly Uint8Array[]) => {
          const framer = createFramer({ maxBytes });
          const frames = chunks.flatMap((chunk) => [...framer.push(chunk)]);
          const { overflow } = framer;
          if (overflow) expect([framer.finish(), framer.push(bytes)]).toEqual([undefined, []]);
          return { frames: frames.map((one) => [...one.bytes]), overflow };
        };
        const { frames, rest } = plain(frame([bytes]));
        const sizes = [...frames.map((one) => one.bytes.length), rest?.length ?? 0];
        const over = sizes.findIndex((size) => size > maxBytes);
        const whole = {
          frames: (over === -1 ? frames : frames.slice(0, over)).map((one) => one.bytes),
          overflow: over !== -1,
        };
        expect(run([bytes])).toEqual(whole);
        expect(run(splitAt(bytes, cuts))).toEqual(whole);
        expect(run(byteByByte(bytes))).toEqual(whole);
      }),
    );
  });
});
