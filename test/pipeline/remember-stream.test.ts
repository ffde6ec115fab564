import { describe, expect, it } from "vitest";
import type { Ask, Reply } from "../../src/pipeline/ask.ts";
import { settle } from "../support/clock.ts";
import {
  askFor,
  chunks,
  createStage,
  DONE,
  type Played,
  textOf,
  usageChunk,
} from "../support/pipeline.ts";
import { createMemory, remembered } from "./remember-once.ts";

const config = {
  providers: { a: { kind: "openai", base_url: "https://a.example/v1" } },
  models: { one: { provider: "a" } },
  resilience: {
    max_retries: 0,
    recovery: "error",
    timeouts: { headers_ms: 200_000, first_token_ms: 200_000, idle_ms: 200_000 },
  },
};
type Pieces = Exclude<Extract<Played, object>["body"], string>;
const event = (content: string): string => chunks({ content });
const END = chunks({ finish: "stop" }) + usageChunk(3, 2) + DONE;
const PAUSE = 50;

let asked = 0;
const scene = (body: Pieces) => {
  const stage = createStage(config, () => ({ type: "text/event-stream", body }));
  const memory = createMemory(stage);
  const send = (more: Partial<Ask> = {}): Promise<Reply> => {
    asked += 1;
    const request = { model: "one", messages: [{ role: "user", content: "hi" }], stream: true };
    const wishes = { idempotencyKey: "k" };
    const ask = askFor(stage, request, { requestId: `req_${asked}`, wishes, ...more });
    return remembered(stage.deps, memory, ask);
  };
  return { stage, memory, send };
};

const bodyOf = (reply: Reply): ReadableStream<Uint8Array> => {
  if (!reply.ok || !(reply.body instanceof ReadableStream)) throw new Error("not a stream");
  return reply.body;
};
const text = async (reply: Reply): Promise<string> => (reply.ok ? textOf(reply.body) : "");
const codeOf = (reply: Reply): string => (reply.ok ? "answered" : reply.failure.code);
const decoder = new TextDecoder();

describe("a stream with an Idempotency-Key", () => {
  it("F41 is given again to the byte when it has ended, and is in progress before", async () => {
    const { stage, memory, send } = scene([event("a"), PAUSE, event("b"), PAUSE, END]);
    const first = await send();
    const reading = text(first);
    await stage.clock.advance(PAUSE);
    expect(codeOf(await send())).toBe("idempotency_in_progress");
    await stage.clock.advance(PAUSE);
    const said = await reading;
    const again = await send();
    expect(await text(again)).toBe(said);
    expect(said).toContain("[DONE]");
    expect(again.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "idempotent-replayed": "true",
      "x-headgate-model": "one",
    });
    expect(again.headers).not.toHaveProperty("server-timing");
    expect(stage.sent).toHaveLength(1);
    expect(memory.told.map((bytes) => decoder.decode(bytes)).join("")).toBe(said);
  });

  it("shows each piece when it comes", async () => {
    const { stage, send } = scene([event("a"), PAUSE, event("b"), "hang"]);
    const reader = bodyOf(await send()).getReader();
    const first = await reader.read();
    expect(decoder.decode(first.value)).toContain('"a"');
    const second = reader.read();
    await stage.clock.advance(PAUSE);
    expect(decoder.decode((await second).value)).toContain('"b"');
  });

  it("lets the end wait until it is kept, and no longer than five seconds", async () => {
    const { stage, memory, send } = scene([event("a"), END]);
    memory.fail("done");
    let ended = false;
    const reading = text(await send()).then((said) => {
      ended = true;
      return said;
    });
    await stage.clock.advance(4_999);
    expect(ended).toBe(false);
    await stage.clock.advance(1);
    expect(await reading).toContain("[DONE]");
  });

  it("that broke off is given again with its error, and nobody is asked", async () => {
    const { stage, memory, send } = scene([event("a"), PAUSE, "cut"]);
    const reading = text(await send());
    await stage.clock.advance(PAUSE);
    const said = await reading;
    expect(said).toContain('"code":"stream_interrupted"');
    expect(memory.state().phase).toBe("done");
    expect(await text(await send())).toBe(said);
    expect(stage.sent).toHaveLength(1);
  });

  it("leaves an error behind when the caller goes after its first content", async () => {
    const { stage, memory, send } = scene([event("a"), PAUSE, event("b"), "hang"]);
    const caller = new AbortController();
    const reader = bodyOf(await send({ signal: caller.signal })).getReader();
    await reader.read();
    caller.abort();
    await settle();
    expect(memory.state().phase).toBe("done");
    const again = await send();
    expect(again).toMatchObject({ ok: true, status: 409 });
    expect(JSON.parse(await text(again))).toMatchObject({
      error: { code: "idempotency_outcome_unknown" },
    });
    expect(stage.sent).toHaveLength(1);
  });

  it("leaves an error behind when the caller cancels its body", async () => {
    const { memory, stage, send } = scene([
      event("a"),
      PAUSE,
      event("b"),
      PAUSE,
      event("c"),
      "hang",
    ]);
    const reader = bodyOf(await send()).getReader();
    await reader.read();
    await reader.cancel("gone");
    await stage.clock.advance(2 * PAUSE);
    expect(memory.state().phase).toBe("done");
    expect(await send()).toMatchObject({ ok: true, status: 409 });
  });

  it("is not given again when it is larger than 1 MiB", async () => {
    const many = Array.from({ length: 70 }, () => event("x".repeat(16 * 1024)));
    const { stage, memory, send } = scene([...many, END]);
    expect((await text(await send())).length).toBeGreaterThan(1024 * 1024);
    expect(memory.state().phase).toBe("done_large");
    expect(codeOf(await send())).toBe("idempotency_not_replayable");
    expect(stage.sent).toHaveLength(1);
  });

  it("is not read ahead of a caller who does not read", async () => {
    const piece = event("x".repeat(16 * 1024));
    let taken = 0;
    const pieces = new Proxy(
      Array.from({ length: 1_000 }, () => piece),
      {
        get: (all, at) => {
          if (typeof at === "string" && at !== "length") taken = Math.max(taken, Number(at) + 1);
          return Reflect.get(all, at) as unknown;
        },
      },
    );
    const { stage, memory, send } = scene(pieces);
    await send();
    await stage.clock.advance(30_000);
    expect(taken).toBeGreaterThan(0);
    expect(taken * piece.length).toBeLessThanOrEqual(256 * 1024);
    expect(memory.told).toEqual([]);
  });
});
