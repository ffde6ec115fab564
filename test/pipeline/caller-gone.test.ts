import { describe, expect, it } from "vitest";
import type { Ask } from "../../src/pipeline/ask.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { settle } from "../support/clock.ts";
import { askFor, chunks, createStage } from "../support/pipeline.ts";

const config = {
  providers: { a: { kind: "openai", base_url: "https://a.example/v1" } },
  models: { one: { provider: "a" }, two: { provider: "a" } },
  fallbacks: { one: ["two"] },
  resilience: { timeouts: { headers_ms: 200_000, idle_ms: 200_000, response_ms: 200_000 } },
};
const ENDPOINTS = [
  { endpoint: "chat", dialect: "openai-chat" },
  { endpoint: "messages", dialect: "anthropic-messages" },
] as const;
const WAYS = ENDPOINTS.flatMap((one) => [true, false].map((stream) => ({ ...one, stream })));

const asking = (stage: ReturnType<typeof createStage>, more: Partial<Ask>, stream: boolean) =>
  askFor(
    stage,
    { model: "one", messages: [{ role: "user", content: "hi" }], max_tokens: 9, stream },
    more,
  );

describe("F28 a caller who leaves before there is an answer", () => {
  it.each(WAYS)(
    "is let go of, and nobody else is asked: $endpoint, stream: $stream",
    async (way) => {
      const { stream, endpoint, dialect } = way;
      const stage = createStage(config, () => "silent");
      const caller = new AbortController();
      const more = { endpoint, dialect, signal: caller.signal };
      const calling = chat(stage.deps, asking(stage, more, stream));
      await settle();
      caller.abort();
      await calling;
      expect(stage.aborted).toHaveLength(1);
      expect(stage.sent).toHaveLength(1);
      expect(stage.records).toMatchObject([{ status: 499, error_code: undefined }]);
    },
  );
});

/** As the runtime's pipe to a caller who takes nothing: a write waits until the stream is given up. */
const blocked = () => ({
  readable: new ReadableStream<Uint8Array>(),
  writable: new WritableStream<Uint8Array>({
    write: (_bytes, { signal }) =>
      new Promise((_taken, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
  }),
});

describe.each(ENDPOINTS)("F30 a caller of $endpoint who stops reading", (way) => {
  const piece = chunks({ content: "x".repeat(16 * 1024) });
  const pieces = Array.from({ length: 1_000 }, () => piece);

  const asked = async () => {
    let taken = 0;
    const body = new Proxy(pieces, {
      get: (all, at) => {
        if (typeof at === "string" && at !== "length") taken = Math.max(taken, Number(at) + 1);
        return Reflect.get(all, at) as unknown;
      },
    });
    const stage = createStage(config, () => ({ type: "text/event-stream", body }));
    const deps = { ...stage.deps, createPipe: blocked };
    await chat(deps, asking(stage, way, true));
    return { stage, bytesTaken: () => taken * piece.length };
  };

  it("pauses the upstream within 256 KiB", async () => {
    const { stage, bytesTaken } = await asked();
    await stage.clock.advance(59_000);
    expect(bytesTaken()).toBeGreaterThan(0);
    expect(bytesTaken()).toBeLessThanOrEqual(256 * 1024);
    expect(stage.aborted).toEqual([]);
  });

  it("is as good as gone after a minute", async () => {
    const { stage } = await asked();
    await stage.clock.advance(61_000);
    expect(stage.aborted).toHaveLength(1);
    expect(stage.records).toMatchObject([{ status: 499 }]);
  });
});
