import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/domain/config/schema.ts";
import { failure } from "../../src/domain/error.ts";
import type { Ask, Reply } from "../../src/pipeline/ask.ts";
import { remember } from "../../src/pipeline/remember.ts";
import { begin } from "../../src/pipeline/run.ts";
import { askFor, createStage, type Played, textOf } from "../support/pipeline.ts";
import { createMemory, remembered } from "./remember-once.ts";

const config = {
  providers: { a: { kind: "openai", base_url: "https://a.example/v1" } },
  models: { one: { provider: "a" } },
  routes: { auto: { strategy: "priority", models: ["one"] } },
  resilience: { max_retries: 0 },
};
const ANSWER = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "up-1",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const whole: Played = { body: JSON.stringify(ANSWER) };
const wrong: Played = { status: 400, body: '{"error":{"message":"no","type":"invalid"}}' };

let asked = 0;
const scene = (play: (count: number) => Played) => {
  const stage = createStage(config, (_, count) => play(count));
  const memory = createMemory(stage);
  const ask = (more: Record<string, unknown> = {}, wishes: Partial<Ask["controls"]> = {}): Ask => {
    asked += 1;
    return askFor(
      stage,
      { model: "one", messages: [{ role: "user", content: "hi" }], ...more },
      { requestId: `req_${asked}`, wishes: { idempotencyKey: "k", ...wishes } },
    );
  };
  return { stage, memory, ask, send: (one = ask()) => remembered(stage.deps, memory, one) };
};

const read = async (reply: Reply) => {
  if (!reply.ok) return { code: reply.failure.code, headers: reply.headers };
  return { status: reply.status, headers: reply.headers, text: await textOf(reply.body) };
};
const codeOf = (reply: Reply): string => (reply.ok ? "answered" : reply.failure.code);

describe("a request without an Idempotency-Key", () => {
  it("runs as it came, and nobody is asked", async () => {
    const { stage, memory, ask } = scene(() => whole);
    const plain = ask({}, { idempotencyKey: undefined });
    const seen: Ask[] = [];
    const reply = { ok: true, status: 200, headers: {}, body: "x" } as const;
    const given = await remember({ ...stage.deps, once: memory }, plain, async (one) => {
      seen.push(one);
      return reply;
    });
    expect(given).toBe(reply);
    expect(seen[0]).toBe(plain);
    expect(memory.calls).toEqual([]);
  });
});

describe("a request with an Idempotency-Key", () => {
  it("is given the reply of the first, to the byte, and asks nobody", async () => {
    const { stage, send } = scene(() => whole);
    const first = await read(await send());
    const again = await read(await send());
    expect(stage.sent).toHaveLength(1);
    expect(again.text).toBe(first.text);
    const { "server-timing": timing, ...safe } = first.headers;
    expect(timing).toBeDefined();
    expect(again.headers).toEqual({ ...safe, "idempotent-replayed": "true" });
  });

  // Keys of one team share their Idempotency-Keys: one that may not use a model was given its answer all the same.
  it("is not given what came of a model that its own key may not use", async () => {
    const { stage, memory, ask, send } = scene(() => whole);
    await send();
    const denied: unknown[] = [];
    const limiter = {
      ...stage.deps.limiter,
      denied: (_: unknown, status: number, code: string) => void denied.push([status, code]),
    };
    const other = ask();
    const cases: [Policy, string][] = [
      [{ models: { deny: ["one"] } }, "model_not_allowed"],
      [{ models: { allow: ["other"] } }, "model_not_allowed"],
      [{ models: { allow: ["one"] } }, "answered"],
      [{ models: { allow: ["auto"] } }, "answered"],
    ];
    for (const [policy, expected] of cases) {
      const asked = { ...other, caller: { ...other.caller, policies: [policy] } };
      expect(codeOf(await remembered({ ...stage.deps, limiter }, memory, asked))).toBe(expected);
    }
    expect(denied).toEqual(Array(2).fill([403, "model_not_allowed"]));
    expect(stage.sent).toHaveLength(1);
  });

  it("says before it asks a provider that it will", async () => {
    const { memory, send } = scene(() => {
      memory.calls.push("provider");
      return whole;
    });
    await send();
    expect(memory.calls).toEqual(["begin", "dispatched", "provider", "done"]);
  });

  it("may not be another request", async () => {
    const { stage, ask, send } = scene(() => whole);
    await send();
    expect(codeOf(await send(ask({ temperature: 0.5 })))).toBe("idempotency_key_reused");
    expect(codeOf(await send(ask({ stream: true })))).toBe("idempotency_key_reused");
    expect(stage.sent).toHaveLength(1);
  });

  it("F39 of 1,000 at once one asks a provider, the others wait or are given its reply", async () => {
    const { stage, send } = scene(() => whole);
    const replies = await Promise.all(Array.from({ length: 1_000 }, () => send()));
    expect(stage.sent).toHaveLength(1);
    const texts = await Promise.all(replies.filter(({ ok }) => ok).map(read));
    expect(new Set(texts.map(({ text }) => text)).size).toBe(1);
    const others = replies.filter(({ ok }) => !ok).map(codeOf);
    expect(new Set(others)).toEqual(new Set(["idempotency_in_progress"]));
    expect((await read(await send())).text).toBe(texts[0]?.text);
  });

  it.each<[string, Played, string, Played]>([
    ["no provider can be reached", "unreachable", "upstream_unreachable", whole],
    ["the provider fails", { status: 500, body: "{}" }, "upstream_error", whole],
    ["the provider is full", { status: 429, body: "{}" }, "upstream_rate_limited", whole],
  ])("is free again when %s", async (_, failed, code, then) => {
    const { stage, memory, send } = scene((count) => (count === 1 ? failed : then));
    expect(codeOf(await send())).toBe(code);
    expect(memory.state()).toEqual({ phase: "none" });
    expect(codeOf(await send())).toBe("answered");
    expect(stage.sent).toHaveLength(2);
  });

  it("is free again when the gateway itself refuses", async () => {
    const { stage, memory, ask, send } = scene(() => whole);
    expect(codeOf(await send(ask({ model: "none" })))).toBe("model_not_found");
    expect(memory.calls).toEqual(["begin", "free"]);
    expect(codeOf(await send())).toBe("answered");
    expect(stage.sent).toHaveLength(1);
  });

  it("hears a provider's no again, with the first request's id", async () => {
    const { stage, ask, send } = scene(() => wrong);
    const first = ask();
    expect(codeOf(await send(first))).toBe("invalid_parameter");
    const again = await read(await send());
    expect(stage.sent).toHaveLength(1);
    expect(again).toMatchObject({
      status: 400,
      headers: {
        "content-type": "application/json",
        "idempotent-replayed": "true",
        "x-should-retry": "false",
        "x-headgate-attempts": "1",
      },
    });
    expect(JSON.parse(again.text ?? "")).toMatchObject({
      error: { code: "invalid_parameter", source: "upstream", request_id: first.requestId },
    });
  });

  it("is not given again what is larger than 1 MiB", async () => {
    const large = { ...ANSWER, padding: "x".repeat(1024 * 1024) };
    const { stage, send } = scene(() => ({ body: JSON.stringify(large) }));
    expect(codeOf(await send())).toBe("answered");
    expect(codeOf(await send())).toBe("idempotency_not_replayable");
    expect(stage.sent).toHaveLength(1);
  });

  it.each(["begin", "dispatched"] as const)(
    "is not sent where %s cannot be written down",
    async (how) => {
      const { stage, memory, send } = scene(() => whole);
      memory.fail(how);
      expect((await send()).ok).toBe(false);
      expect(stage.sent).toHaveLength(0);
    },
  );

  it.each([
    ["used nothing", undefined, "none"],
    ["used tokens", { input_tokens: 3 }, "done"],
  ])(
    "that its caller left, and that %s (%j), leaves a record that is %s",
    async (_, usage, phase) => {
      const { stage, memory, ask, send } = scene(() => whole);
      await remember({ ...stage.deps, once: memory }, ask(), async (one) => {
        await one.once?.dispatching();
        const { record } = begin(one, "chat", 1);
        one.once?.settled({ ...record, attempts: 1, status: 499, usage });
        return { ok: false, failure: failure("request_timeout"), headers: {} };
      });
      expect(memory.state().phase).toBe(phase);
      if (phase === "none") return;
      const again = await read(await send());
      expect(again).toMatchObject({ status: 409, headers: { "x-should-retry": "false" } });
      expect(again.text).toContain('"code":"idempotency_outcome_unknown"');
      expect(stage.sent).toHaveLength(0);
    },
  );

  it("is one run where its story begins anew", async () => {
    const { stage, memory, ask } = scene(() => whole);
    const deps = { ...stage.deps, once: memory };
    const again = await remember(deps, ask(), (one) => remembered(deps, memory, one));
    expect(codeOf(again)).toBe("answered");
    expect(memory.calls).toEqual(["begin", "dispatched", "done"]);
  });

  it("frees its key when something breaks before a provider is asked, and leaves doubt after", async () => {
    const { stage, memory, ask } = scene(() => whole);
    const deps = { ...stage.deps, once: memory };
    const bug = new Error("bug");
    const early = remember(deps, ask(), () => Promise.reject(bug));
    await expect(early).rejects.toBe(bug);
    expect(memory.calls).toEqual(["begin", "free"]);
    const late = remember(deps, ask(), async ({ once }) => {
      await once?.dispatching();
      throw bug;
    });
    await expect(late).rejects.toBe(bug);
    expect(memory.calls.slice(2)).toEqual(["begin", "dispatched", "abandon"]);
    expect(memory.state().phase).toBe("dispatched");
  });
});
