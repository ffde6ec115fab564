/**
 * Decides: nothing: the pipeline with a cache for tests in plain Node; what the isolate has at hand and what
 * lies in storage are told apart.
 */
// Loaded when an answer is kept; the clock that is turned by hand does not wait for that.
import "../../src/policy/cache/relative-time.ts";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import type { Ask, Reply } from "../../src/pipeline/ask.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { createFlights } from "../../src/platform/flights.ts";
import type { Deps } from "../../src/ports.ts";
import { type Limiter, noLimiter } from "../../src/ports-account.ts";
import type { ResponseCache } from "../../src/ports-cache.ts";
import { askFor, createStage, type Played, textOf } from "../support/pipeline.ts";

export const CONFIG = {
  providers: { p: { kind: "openai", base_url: "https://p.test/v1", api_key: { secret: "K" } } },
  models: {
    a: { provider: "p", upstream: "up-a", price: { input: 1, output: 2 }, max_output: 100 },
    b: { provider: "p", upstream: "up-b", price: { input: 1, output: 2 }, max_output: 100 },
    c: { provider: "p", upstream: "up-c", price: { input: 1, output: 2 }, max_output: 100 },
  },
  fallbacks: { a: ["b"] },
  resilience: { max_retries: 0 },
  policy: {
    cache: { mode: "on" },
    limits: { mode: "on", rules: [{ unit: "usd", per: "day", max: 1 }] },
  },
};
const BODY = { model: "a", temperature: 0, messages: [{ role: "user", content: "hi" }] };

export const whole = (text: string): Played => ({
  body: JSON.stringify({
    ...{ id: "c1", object: "chat.completion", created: 1, model: "up-a" },
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  }),
});

/** Storage without anything at hand; `at hand` only where a test says so. */
export const storage = (
  isAtHand = false,
): ResponseCache & { readonly kept: Map<string, string> } => {
  const kept = new Map<string, string>();
  return {
    kept,
    name: async (tenant, text) => `${tenant} ${text}`,
    recent: (_, name) => (isAtHand ? kept.get(name) : undefined),
    read: async (_, name) => kept.get(name),
    write: (_, name, text) => void kept.set(name, text),
  };
};

export const scene = (
  play: (count: number) => Played,
  more: Partial<Deps> = {},
  config: object = CONFIG,
) => {
  const stage = createStage(config, (_, count) => play(count), { K: "k" });
  const rows: LedgerRow[] = [];
  const cache = storage();
  const limiter: Limiter = { ...noLimiter, end: (_, row) => void rows.push(row) };
  const deps = { ...stage.deps, cache, limiter, flights: createFlights(stage.clock), ...more };
  let made = 0;
  const ask = (body: object = {}, rest: Parameters<typeof askFor>[2] = {}): Ask => {
    made += 1;
    return askFor(stage, { ...BODY, ...body }, { requestId: `req_${made}`, ...rest });
  };
  const run = async (asked: Ask, with_: Partial<Deps> = {}): Promise<Reply> => {
    const calling = chat({ ...deps, ...with_ }, asked);
    await stage.clock.advance(10);
    return calling;
  };
  return { ...stage, deps, cache, rows, ask, run };
};

export const cacheOf = ({ headers }: Reply): string | undefined => headers["x-headgate-cache"];
export const said = async (reply: Reply): Promise<string> => {
  if (!reply.ok) throw new Error(reply.failure.code);
  return textOf(reply.body);
};

/** Refuses whatever costs money. */
export const broke: Limiter = {
  ...noLimiter,
  admit: (caller, admission, facts) =>
    admission.ways[0].options[0].cost.nanoUsd === 0
      ? noLimiter.admit(caller, admission, facts)
      : {
          ...{ ok: false, code: "budget_exceeded", status: 402, retryAfterMs: undefined },
          ...{ level: "key", unit: "usd", per: "day", limit: 1, used: 1, remaining: 0 },
          resetsAt: 0,
        },
  extend: async () => false,
};
