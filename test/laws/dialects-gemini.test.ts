import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFramer, decodeFrame } from "../../src/base/sse.ts";
import type { EncodeFor } from "../../src/dialects/dialect.ts";
import { fold } from "../../src/dialects/fold.ts";
import { gemini } from "../../src/dialects/gemini/dialect.ts";
import { unfold } from "../../src/dialects/unfold.ts";
import type { ChatEvent } from "../../src/domain/event.ts";
import { splitAt } from "../support/split.ts";
import { wired } from "./dialects-canonical.ts";
import { geminiAnswers } from "./dialects-gemini-answers.ts";
import { geminiRequests } from "./dialects-gemini-requests.ts";

const context = { requestId: "req_1", created: 0, includeUsage: true };
const target: EncodeFor = {
  model: "gemini-2.5-flash",
  capabilities: new Set(),
  maxOutput: undefined,
  from: "gemini",
};

const decodeStream = (chunks: readonly Uint8Array[]): ChatEvent[] => {
  const framer = createFramer();
  const decoder = gemini.stream.decoder();
  const events = chunks.flatMap((chunk) =>
    framer.push(chunk).flatMap((frame) => {
      const event = decodeFrame(frame);
      const result = event && decoder.decode(event);
      if (result?.ok !== true) throw new Error("malformed");
      return [...result.value];
    }),
  );
  return [...events, ...decoder.finish()];
};

describe("laws of the Gemini dialect", () => {
  it("a request comes back from the wire as it went", () => {
    fc.assert(
      fc.property(geminiRequests, (request) => {
        const written = gemini.request.encode(request, target);
        if (!written.ok) throw new Error(JSON.stringify(written.error));
        expect(written.value.dropped).toEqual([]);
        const read = gemini.request.decode(wired(written.value.body));
        expect(read).toEqual({ ok: true, value: request });
      }),
    );
  });

  it("an answer comes back from the wire as it went", () => {
    fc.assert(
      fc.property(geminiAnswers, (answer) => {
        const read = gemini.response.decode(wired(gemini.response.encode(answer, context)));
        expect(read).toEqual({ ok: true, value: answer });
      }),
    );
  });

  it("an answer comes back from a stream as it went, however the bytes are split", () => {
    fc.assert(
      fc.property(geminiAnswers, fc.array(fc.nat(), { maxLength: 8 }), (answer, places) => {
        const encoder = gemini.stream.encoder(context);
        const text = unfold(answer)
          .map((event) => encoder.encode(event))
          .join("");
        const events = decodeStream(splitAt(new TextEncoder().encode(text), places));
        expect(fold(events)).toEqual(answer);
        expect(events.at(-1)).toEqual({ type: "end" });
      }),
    );
  });

  it("a stream adds up to the whole answer, however its text is cut into chunks", () => {
    const pieces = fc.array(fc.string({ unit: "grapheme", maxLength: 6 }), { minLength: 1 });
    fc.assert(
      fc.property(pieces, pieces, (thoughts, texts) => {
        const parts = [
          ...thoughts.map((text) => ({ text, thought: true })),
          ...texts.map((text) => ({ text })),
        ];
        const wrap = (some: readonly object[], more: object) => ({
          candidates: [{ content: { parts: some, role: "model" }, index: 0, ...more }],
          modelVersion: "m",
          responseId: "r",
        });
        const chunks = parts.map((part) => wrap([part], {}));
        const stream = [...chunks, wrap([], { finishReason: "STOP" })]
          .map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`)
          .join("");
        const whole = wrap([{ text: thoughts.join(""), thought: true }, { text: texts.join("") }], {
          finishReason: "STOP",
        });
        expect(gemini.response.decode(whole)).toEqual({
          ok: true,
          value: fold(decodeStream([new TextEncoder().encode(stream)])),
        });
      }),
    );
  });
});
