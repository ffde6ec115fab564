import { describe, expect, it } from "vitest";
import { sleep } from "../../src/base/clock.ts";
import type { Alert } from "../../src/domain/alert.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { type AttemptOutcome, noHealth } from "../../src/ports.ts";
import { askFor, createStage, type Played, textOf } from "../support/pipeline.ts";
import { answers, CONFIG, framesOf, MESSAGES, WORDS } from "../support/recovery.ts";

type More = { readonly recovery?: "hold"; readonly headersMs?: number };

/** What a target's health and the operators are told of one attempt at the only target. */
const toldOf = async (played: Played, stream: boolean, { recovery, headersMs = 0 }: More = {}) => {
  const told: AttemptOutcome[] = [];
  const alerts: Alert[] = [];
  const provider = { ...CONFIG.providers.openai, api_key: { secret: "KEY" } };
  const config = { ...CONFIG, providers: { ...CONFIG.providers, openai: provider } };
  const stage = createStage(config, () => played, { KEY: "k" });
  const { clock, upstream } = stage.deps;
  const deps = {
    ...stage.deps,
    upstream: {
      send: async (...sending: Parameters<typeof upstream.send>) => {
        await sleep(clock, headersMs);
        return upstream.send(...sending);
      },
    },
    health: {
      ...noHealth,
      report: (_target: unknown, _pass: unknown, outcome: AttemptOutcome) =>
        void told.push(outcome),
    },
    alerts: { raise: (alert: Alert) => void alerts.push(alert) },
  };
  const body = { model: "openai", messages: MESSAGES, stream };
  const asked = chat(deps, askFor(stage, body, { wishes: { recovery } }));
  const reading = asked.then((reply) => (reply.ok ? textOf(reply.body) : undefined));
  await stage.clock.advance(10);
  const now = stage.clock.now();
  await stage.clock.advance(200_000);
  await reading;
  expect(told).toHaveLength(1);
  return { outcome: told[0], alerts, now };
};

const fault = (status: number, code = "x", headers: Record<string, string> = {}): Played => ({
  status,
  headers,
  body: JSON.stringify({ error: { message: "its own words", type: "t", code } }),
});
const begun = (end: readonly ("cut" | "hang")[]): Played => ({
  type: "text/event-stream",
  body: [framesOf("openai", WORDS).slice(0, 4).join(""), ...end],
});
const whole = (usage: object): Played => ({
  body: JSON.stringify({
    ...{ id: "c", object: "chat.completion", created: 1, model: "m", usage },
    choices: [{ index: 0, message: { role: "assistant", content: "Yes." }, finish_reason: "stop" }],
  }),
});

describe("a target's health is told", () => {
  it.each<[string, Played, boolean, AttemptOutcome["kind"]]>([
    ["F1 of a connection refused: it failed", "unreachable", false, "fail"],
    ["F2 of no headers: it was late", "silent", true, "timeout"],
    ["F2 of no answer: it was late", "silent", false, "timeout"],
    [
      "F3 of no first token: it was late",
      { type: "text/event-stream", body: [": ping\n\n", "hang"] },
      true,
      "timeout",
    ],
    ["F4 of a stall: it failed", begun(["hang"]), true, "fail"],
    ["F6 of a 500: it failed", fault(500), false, "fail"],
    ["F8 of a 429: nothing against it", fault(429), false, "throttle"],
    ["F9 of no credit: nothing against it", fault(402), false, "ignore"],
    ["F10 of a key refused: nothing against it", fault(401), false, "ignore"],
    ["F11 of a context too small: nothing", fault(400, "context_length_exceeded"), false, "ignore"],
    [
      "F12 of an error in a 200: it failed",
      { body: JSON.stringify({ error: { message: "no" } }) },
      false,
      "fail",
    ],
    ["F15 of an end without an end: it failed", begun([]), true, "fail"],
    ["F15 of a connection cut: it failed", begun(["cut"]), true, "fail"],
    ["F18 of a page: it failed", { type: "text/html", body: "<html>" }, false, "fail"],
    ["F19 of a redirect: it failed", { status: 302, body: "" }, false, "fail"],
    ["of a whole stream: it went well", answers("openai"), true, "ok"],
  ])("%s", async (_, played, stream, kind) => {
    expect((await toldOf(played, stream)).outcome).toMatchObject({ kind });
  });

  const [first = "", ...others] = framesOf("openai", WORDS);
  const ping = ": still there\n\n";
  const pinging = (ms: number): Played => ({
    type: "text/event-stream",
    body: [first, ...others.slice(0, 2), ms, ping, ms, ping, ...others.slice(2)],
  });

  it.each([
    [9_000, undefined, "ok"],
    [11_000, undefined, "fail"],
    [9_000, "hold", "ok"],
    [11_000, "hold", "timeout"],
  ] as const)(
    "F22 of comments every %i ms in the place of events, recovery %s: %s",
    async (ms, recovery, kind) => {
      const { outcome } = await toldOf(pinging(ms), true, recovery && { recovery });
      expect(outcome).toMatchObject({ kind });
    },
  );

  it.each([
    [3_000, "ok"],
    [5_000, "timeout"],
  ])("F3 of a first token 8 s after headers that took %i ms: %s", async (headersMs, kind) => {
    const late: Played = {
      type: "text/event-stream",
      body: [": ping\n\n", 8_000, first, ...others],
    };
    expect((await toldOf(late, true, { headersMs })).outcome).toMatchObject({ kind });
  });

  it.each([429, 503, 529])(
    "F7 F8 how long it wants to be left alone after a %i",
    async (status) => {
      const { outcome, now } = await toldOf(fault(status, "x", { "retry-after": "20" }), false);
      expect(outcome?.kind).toBe("throttle");
      expect((outcome?.until ?? 0) - now).toBeGreaterThan(19_000);
      expect((outcome?.until ?? 0) - now).toBeLessThanOrEqual(20_000);
    },
  );
});

describe("operators are told", () => {
  it.each([
    ["F9", 429, "insufficient_quota", "upstream_quota"],
    ["F9", 402, "x", "upstream_quota"],
    ["F10", 401, "x", "upstream_auth_failed"],
    ["F10", 403, "x", "upstream_auth_failed"],
  ] as const)("%s of a key that a %i (%s) speaks of: %s", async (_, status, code, told) => {
    const { alerts } = await toldOf(fault(status, code), false);
    const whose = { provider: "openai", model: "openai", secret: "KEY" };
    expect(alerts).toEqual([{ event: "credential.refused", ...whose, code: told }]);
  });

  it("F20 of usage that cannot be true, and of which figures", async () => {
    const { alerts } = await toldOf(whole({ prompt_tokens: 1e9, completion_tokens: 1e9 }), false);
    expect(alerts).toEqual([
      {
        ...{ event: "usage.suspect", provider: "openai", model: "openai", request_id: "req_test" },
        fields: expect.arrayContaining(["input_tokens", "output_tokens"]),
      },
    ]);
  });

  it("of nothing else", async () => {
    expect((await toldOf(fault(500), false)).alerts).toEqual([]);
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    expect((await toldOf(whole(usage), false)).alerts).toEqual([]);
  });
});

// The provider may be a gateway like this one, which ends what nobody waits for any more.
describe("a provider is told how long its answer is waited for", () => {
  it.each([
    [1_000, "0.95"],
    [undefined, "599.95"],
    [20, "0.001"],
  ])("where the caller waits %s ms: %s seconds", async (timeoutMs, seconds) => {
    const stage = createStage(CONFIG, () => answers("openai"));
    const body = { model: "openai", messages: MESSAGES, stream: true };
    const asked = chat(stage.deps, askFor(stage, body, { wishes: { timeoutMs } }));
    await stage.clock.advance(10);
    const reply = await asked;
    if (reply.ok) await textOf(reply.body);
    expect(stage.sent[0]?.headers).toMatchObject({ "x-stainless-timeout": seconds });
  });
});
