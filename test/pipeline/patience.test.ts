import { describe, expect, it } from "vitest";
import { sleep } from "../../src/base/clock.ts";
import { chat } from "../../src/pipeline/chat.ts";
import type { Deps } from "../../src/ports.ts";
import { askFor, createStage, type Played, textOf } from "../support/pipeline.ts";
import { answers, framesOf, MESSAGES, said, WORDS } from "../support/recovery.ts";

const config = {
  providers: { openai: { kind: "openai", base_url: "https://openai.example/v1" } },
  models: { slow: { provider: "openai" }, next: { provider: "openai" } },
  resilience: {
    max_retries: 0,
    timeouts: { headers_ms: 300_000, first_token_ms: 300_000, idle_ms: 300_000, total_ms: 400_000 },
  },
};

const open = async (recovery: "hold" | "continue", play: (count: number) => Played) => {
  const stage = createStage(config, (_dispatch, count) => play(count));
  const ask = askFor(
    stage,
    { model: "slow", messages: MESSAGES, stream: true },
    {
      wishes: { recovery, fallback: ["next"] },
    },
  );
  return { stage, reply: chat(stage.deps, ask) };
};
const pause = (ms: number, ...then: string[]): Played => ({
  type: "text/event-stream",
  body: [": wait\n\n", ms, ...then],
});

describe("a caller who waits long", () => {
  it.each([
    ["continue", 60_000],
    ["hold", 15_000],
  ] as const)(
    "for %s gets headers and a sign of life after %s ms, then the answer",
    async (mode, wait) => {
      const { stage, reply } = await open(mode, () =>
        pause(100_000, framesOf("openai", WORDS).join("")),
      );
      let isEarly = false;
      void reply.then(() => {
        isEarly = true;
      });
      await stage.clock.advance(wait - 1);
      expect(isEarly).toBe(false);
      await stage.clock.advance(2);
      const early = await reply;
      expect(early).toMatchObject({ ok: true, status: 200 });
      const reading = early.ok ? textOf(early.body) : Promise.resolve("");
      await stage.clock.advance(120_000);
      const text = await reading;
      expect(text.startsWith(": keep-alive\n\n: keep-alive\n\n")).toBe(true);
      expect(said("openai-chat", text)).toMatchObject({ text: WORDS.join(""), whole: true });
      expect(text).toContain('"headgate":{"model":"slow"');
    },
  );

  it("hears of a failure inside the stream, and of no success", async () => {
    const { stage, reply } = await open("continue", () => pause(100_000));
    await stage.clock.advance(60_001);
    const early = await reply;
    const reading = early.ok ? textOf(early.body) : Promise.resolve("");
    await stage.clock.advance(300_000);
    expect(said("openai-chat", await reading)).toMatchObject({
      whole: false,
      error: "upstream_error",
    });
  });

  it("still gets a status code when the failure comes in time", async () => {
    const { stage, reply } = await open("hold", () => "unreachable");
    await stage.clock.advance(10);
    expect(await reply).toMatchObject({ ok: false, failure: { code: "upstream_unreachable" } });
  });
});

describe("a bug behind an answer that has begun", () => {
  // Nobody ended the stream: its signs of life went on for as long as the caller stayed.
  it("ends the stream with an error, and the request with it", async () => {
    const stage = createStage(config, () => "silent");
    const bug = () => Promise.reject(new Error("a bug"));
    const health: Deps["health"] = {
      ...stage.deps.health,
      admit: () => sleep(stage.clock, 70_000).then(bug),
    };
    const body = { model: "slow", messages: MESSAGES, stream: true };
    const reply = chat({ ...stage.deps, health }, askFor(stage, body));
    await stage.clock.advance(60_001);
    const early = await reply;
    const reading = early.ok ? textOf(early.body) : Promise.resolve("");
    await stage.clock.advance(10_000);
    expect(said("openai-chat", await reading)).toMatchObject({ error: "internal_error" });
    expect(stage.records).toMatchObject([{ status: 500, error_code: "internal_error" }]);
  });
});

describe("hold", () => {
  it("shows nothing of an attempt that did not end well", async () => {
    const broken: Played = {
      type: "text/event-stream",
      body: [framesOf("openai", ["Wrong"])[1] ?? "", "cut"],
    };
    const { stage, reply } = await open("hold", (count) =>
      count === 1 ? broken : answers("openai"),
    );
    await stage.clock.advance(10);
    const done = await reply;
    const reading = done.ok ? textOf(done.body) : Promise.resolve("");
    await stage.clock.advance(10);
    const text = await reading;
    expect(text).not.toContain("Wrong");
    expect(said("openai-chat", text)).toMatchObject({ text: WORDS.join(""), whole: true });
    expect(done.headers["x-headgate-attempts"]).toBe("2");
  });
});

describe("a caller who leaves while he waits", () => {
  // Telling him of the failure failed too, which was taken for another end of the same request.
  it("has a request that ends once, with what became of it", async () => {
    const { stage, reply } = await open("continue", () => pause(100_000));
    await stage.clock.advance(60_001);
    const early = await reply;
    if (early.ok && early.body instanceof ReadableStream) await early.body.cancel();
    await stage.clock.advance(400_000);
    expect(stage.records).toHaveLength(1);
  });
});
