import { expect, it } from "vitest";
import { createFramer, decodeFrame, type SseEvent } from "../../src/base/sse.ts";
import { readEventStream, type StandardEvent } from "../support/event-stream.ts";
import { describeRecorded, recorded } from "../support/recorded-data.ts";
import { byteByByte, joinBytes } from "../support/split.ts";

type Vector = {
  id: string;
  name: string;
  chunks_b64: string[];
  expect_events: StandardEvent[];
  expect_retry?: number[];
  max_buffer_size?: number | null;
  parser_errors?: string[];
};

const vectors = recorded<Vector>("sse/sse_vectors.jsonl");
const chunksOf = (vector: Vector) =>
  vector.chunks_b64.map((chunk) => new Uint8Array(Buffer.from(chunk, "base64")));
const overflows = (vector: Vector) =>
  vector.parser_errors?.includes("max-buffer-size-exceeded") === true;

const read = (chunks: readonly Uint8Array[], maxBytes: number | null | undefined) => {
  const framer = createFramer(maxBytes ? { maxBytes } : {});
  const events: SseEvent[] = [];
  for (const chunk of chunks) {
    for (const frame of framer.push(chunk)) {
      const event = decodeFrame(frame);
      if (event !== undefined) events.push(event);
    }
  }
  return { events, overflow: framer.overflow };
};

describeRecorded("recorded event streams", () => {
  it("are there", () => expect(vectors).toHaveLength(37));

  it.each(vectors.map((vector) => [vector.id, vector.name, vector] as const))(
    "%s: %s",
    (...row) => {
      const vector = row[2];
      const chunks = chunksOf(vector);
      const whole = joinBytes(chunks);
      // What follows a parser's own reset belongs to a new stream, which is a new framer here.
      const expected = overflows(vector)
        ? []
        : vector.expect_events.map(({ event = "", data }) => ({ event, data }));
      for (const split of [[whole], chunks, byteByByte(whole)]) {
        expect(read(split, vector.max_buffer_size)).toEqual({
          events: expected,
          overflow: overflows(vector),
        });
      }
    },
  );

  it.each(
    vectors.filter((vector) => !overflows(vector)).map((vector) => [vector.id, vector] as const),
  )("%s is read alike by the standard's own procedure", (_, vector) => {
    const { events, retry } = readEventStream(joinBytes(chunksOf(vector)));
    expect(events).toEqual(vector.expect_events);
    expect(retry).toEqual(vector.expect_retry ?? []);
  });
});
