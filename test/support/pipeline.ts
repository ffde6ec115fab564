/**
 * Decides: nothing: the pipeline's ports for tests in plain Node, with an upstream played by script.
 */
// Loaded when somebody first follows another; the clock that is turned by hand does not wait for that.
import "../../src/pipeline/rejoin.ts";
import { readJson } from "../../src/base/json-body.ts";
import { err, ok } from "../../src/base/result.ts";
import { Secret } from "../../src/base/secret.ts";
import { ConfigSchema } from "../../src/domain/config/schema.ts";
import { compile } from "../../src/domain/config/snapshot.ts";
import type { RequestRecord } from "../../src/domain/record.ts";
import type { Ask, Controls } from "../../src/pipeline/ask.ts";
import { createLearned } from "../../src/platform/learned.ts";
import {
  type Deps,
  type Dispatch,
  noAlerts,
  noCanaries,
  noHealth,
  noOnce,
} from "../../src/ports.ts";
import { noLimiter } from "../../src/ports-account.ts";
import { noCache, noFlights } from "../../src/ports-cache.ts";
import { noSemantic } from "../../src/ports-semantic.ts";
import { createTestClock, type TestClock } from "./clock.ts";

/** One played answer. A body that is a list is sent piece by piece; a number among them is a pause in ms. */
export type Played =
  | {
      readonly status?: number;
      readonly type?: string;
      readonly headers?: Record<string, string>;
      readonly body: string | readonly (string | number | "cut" | "hang")[];
    }
  | "unreachable"
  | "silent";

export type Stage = {
  readonly deps: Deps;
  readonly clock: TestClock;
  readonly sent: Dispatch[];
  readonly aborted: string[];
  readonly records: RequestRecord[];
};

const encoder = new TextEncoder();

const streamOf = (
  clock: TestClock,
  pieces: readonly (string | number | "cut" | "hang")[],
  signal: AbortSignal,
): ReadableStream<Uint8Array> => {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      signal.addEventListener("abort", () => {
        try {
          controller.error(new Error("aborted"));
        } catch {
          // It had ended already.
        }
      });
    },
    pull: async (controller) => {
      const piece = pieces[at];
      at += 1;
      if (piece === undefined) controller.close();
      else if (piece === "cut") controller.error(new Error("connection reset"));
      else if (piece === "hang") await new Promise(() => {});
      else if (typeof piece === "number") {
        await new Promise<void>((done) => clock.after(piece, done));
        // A pull that gave nothing is not called again by itself.
        controller.enqueue(new Uint8Array(0));
      } else controller.enqueue(encoder.encode(piece));
    },
  });
};

export const createStage = (
  config: unknown,
  play: (dispatch: Dispatch, count: number) => Played,
  secrets: Record<string, string> = {},
): Stage => {
  const clock = createTestClock();
  const sent: Dispatch[] = [];
  const aborted: string[] = [];
  const records: RequestRecord[] = [];
  const snapshot = compile(ConfigSchema.parse(config), {
    version: 1,
    table: () => undefined,
  });
  const deps: Deps = {
    clock,
    random: () => 0.5,
    settings: { current: () => snapshot },
    keys: { verify: async () => err("invalid"), refresh: async () => undefined },
    secrets: {
      get: (name) => (secrets[name] === undefined ? undefined : new Secret(secrets[name])),
    },
    upstream: {
      send: async (dispatch, signal) => {
        sent.push(dispatch);
        signal.addEventListener("abort", () => aborted.push(dispatch.url));
        const played = play(dispatch, sent.length);
        if (played === "unreachable") return err("unreachable");
        if (played === "silent") {
          await new Promise((done) => signal.addEventListener("abort", done));
          return err("aborted");
        }
        const { status = 200, type = "application/json", headers = {}, body } = played;
        return ok({
          status,
          headers: new Headers({ "content-type": type, ...headers }),
          body: streamOf(clock, typeof body === "string" ? [body] : body, signal),
        });
      },
    },
    workersAi: undefined,
    loadTokenizer: () => Promise.reject(new Error("this test counts nothing")),
    health: noHealth,
    learned: createLearned(),
    canaries: noCanaries,
    once: noOnce,
    alerts: noAlerts,
    limiter: noLimiter,
    cache: noCache,
    flights: noFlights,
    loadSemantic: noSemantic,
    promptHash: async () => "0".repeat(32),
    account: {
      judge: async () => ok("live"),
      row: async () => ok(undefined),
      standing: async () => err("unavailable"),
    },
    telemetry: { finished: (record) => records.push(record) },
    createPipe: () => new TransformStream<Uint8Array, Uint8Array>(),
    background: () => {},
  };
  return { deps, clock, sent, aborted, records };
};

const QUIET: Controls = {
  fallback: undefined,
  cache: undefined,
  cacheTtl: undefined,
  tags: {},
  user: undefined,
  timeoutMs: undefined,
  recovery: undefined,
  session: undefined,
  idempotencyKey: undefined,
  clientRetries: 0,
};

export const askFor = (
  stage: Stage,
  body: Record<string, unknown> | string,
  more: Partial<Ask> & { readonly wishes?: Partial<Controls> } = {},
): Ask => {
  const read = readJson(typeof body === "string" ? body : JSON.stringify(body));
  if (!read.ok) throw new Error("not a body");
  const { wishes, ...rest } = more;
  return {
    requestId: "req_test",
    clientRequestId: undefined,
    at: stage.clock.now(),
    endpoint: "chat",
    dialect: "openai-chat",
    caller: {
      org: "acme",
      tenant: "tenant00",
      team: undefined,
      user: undefined,
      key: "key00000",
      keyName: undefined,
      scopes: new Set(["chat", "embeddings"]),
      tags: {},
      expiresAt: undefined,
      policies: [],
      levels: [],
      lineage: "key",
      revisions: { key: 1 },
      locationHint: undefined,
    },
    body: read.value,
    controls: { ...QUIET, ...wishes },
    forward: {},
    signal: new AbortController().signal,
    authMs: 0,
    ...rest,
  };
};

/** An OpenAI stream's events. */
export const chunks = (...deltas: readonly Record<string, unknown>[]): string =>
  deltas
    .map((delta) => {
      const { finish = null, ...rest } = delta;
      const choices = [{ index: 0, delta: rest, finish_reason: finish }];
      return `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "up-1", choices })}\n\n`;
    })
    .join("");

export const usageChunk = (prompt: number, completion: number): string =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "up-1", choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion } })}\n\n`;

export const DONE = "data: [DONE]\n\n";

/** The whole of a reply's body, read while the clock stands still. */
export const textOf = async (
  body: string | Uint8Array | ReadableStream<Uint8Array>,
): Promise<string> => new Response(body).text();
