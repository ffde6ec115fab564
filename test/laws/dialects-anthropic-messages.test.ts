import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anthropicMessages } from "../../src/dialects/anthropic-messages/dialect.ts";
import { unfold } from "../../src/dialects/unfold.ts";
import { anthropicRequest, anthropicResponse, MODEL } from "./dialects-anthropic-messages.ts";
import { wired } from "./dialects-canonical.ts";
import { encodeEvents, streamedBack } from "./dialects-streamed.ts";

const context = {
  requestId: "req",
  created: 1,
  includeUsage: true,
  from: "anthropic-messages" as const,
};
const target = {
  model: MODEL,
  capabilities: new Set<string>(),
  maxOutput: undefined,
  from: "anthropic-messages" as const,
};

/** The kinds of events and the blocks that they name, in order. */
const bracketing = (frames: string): { type: string; index?: number }[] =>
  frames
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice(6)) as { type: string; index?: number });

describe("anthropic-messages", () => {
  it("decodes every request that it encodes into the same request, with nothing dropped", () => {
    fc.assert(
      fc.property(anthropicRequest, (request) => {
        const encoded = anthropicMessages.request.encode(request, target);
        if (!encoded.ok) throw new Error(JSON.stringify(encoded.error));
        expect(encoded.value.dropped).toEqual([]);
        const decoded = anthropicMessages.request.decode(wired(encoded.value.body));
        expect(decoded).toStrictEqual({ ok: true, value: request });
      }),
    );
  });

  it("decodes every answer that it encodes into the same answer", () => {
    fc.assert(
      fc.property(anthropicResponse, (response) => {
        const body = wired(anthropicMessages.response.encode(response, context));
        expect(anthropicMessages.response.decode(body)).toStrictEqual({
          ok: true,
          value: response,
        });
        expect(anthropicMessages.response.usage(body)).toStrictEqual(response.usage);
      }),
    );
  });

  it("streams every answer so that what is folded from the stream is the answer", () => {
    fc.assert(
      fc.property(anthropicResponse, (response) => {
        expect(streamedBack(anthropicMessages, unfold(response), context)).toStrictEqual(response);
      }),
    );
  });

  it("opens, fills and closes the blocks of a stream one after the other, counted from 0", () => {
    fc.assert(
      fc.property(anthropicResponse, (response) => {
        const events = bracketing(encodeEvents(anthropicMessages, unfold(response), context));
        let open: number | undefined;
        let next = 0;
        for (const { type, index } of events.slice(1, -2)) {
          if (type === "content_block_start") {
            expect([open, index]).toEqual([undefined, next]);
            open = index;
            next += 1;
          } else {
            expect(index).toBe(open);
            if (type === "content_block_stop") open = undefined;
          }
        }
        expect(open).toBeUndefined();
        expect(events[0]?.type).toBe("message_start");
        expect(events.slice(-2).map(({ type }) => type)).toEqual(["message_delta", "message_stop"]);
      }),
    );
  });
});
