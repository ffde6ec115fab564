/**
 * Decides: how the app is called in tests without a pipeline: stand-in keys and a route that shows its Ask.
 * Never: stands in for a part of src/http.
 */
import { err, ok } from "../../src/base/result.ts";
import type { Snapshot } from "../../src/domain/config/snapshot.ts";
import { ADMIN_SCOPES, type Admin, type Caller, DATA_SCOPES } from "../../src/domain/tenant.ts";
import type { Route } from "../../src/http/context.ts";
import { callModel } from "../../src/http/read-ask.ts";
import { type AppOptions, type HttpApp, serveRoutes } from "../../src/http/serve.ts";
import type { Ask, Reply } from "../../src/pipeline/ask.ts";
import type { Gate } from "../../src/platform/stores.ts";
import { type Deps, noTelemetry } from "../../src/ports.ts";
import { noLimiter } from "../../src/ports-account.ts";

export const KEY = "data-key";
export const EMBED_KEY = "data-key-for-embeddings-only";
export const ADMIN_KEY = "admin-key";
export const READER_KEY = "admin-key-that-reads";

const caller = (scopes: Caller["scopes"]): Caller => ({
  org: "acme",
  tenant: "abcd1234",
  team: undefined,
  user: undefined,
  key: "k1",
  keyName: undefined,
  scopes,
  tags: { project: "fixed" },
  expiresAt: undefined,
  policies: [],
  levels: [],
  lineage: "key",
  revisions: { key: 1 },
  locationHint: undefined,
});

export const SOMEBODY = caller(new Set(DATA_SCOPES));

const CALLERS: Readonly<Record<string, Caller>> = {
  [KEY]: SOMEBODY,
  [EMBED_KEY]: caller(new Set(["embeddings"])),
};
const ADMINS: Readonly<Record<string, Admin>> = {
  [ADMIN_KEY]: { actor: "a1", scopes: new Set(ADMIN_SCOPES) },
  [READER_KEY]: { actor: "a2", scopes: new Set(["config:read"]) },
};

const holder =
  <T>(mine: Readonly<Record<string, T>>, others: object) =>
  (token: string) => {
    const found = Object.hasOwn(mine, token) ? mine[token] : undefined;
    if (found !== undefined) return Promise.resolve(ok(found));
    return Promise.resolve(
      err(Object.hasOwn(others, token) ? ("wrong_class" as const) : ("invalid" as const)),
    );
  };

/** `waiting`: milliseconds, of each that was set and has not been taken back. */
export type Timers = { fire(): void; readonly waiting: () => readonly number[] };

export type DoorOptions = Partial<AppOptions> & {
  readonly routes?: readonly Route[];
  readonly reply?: Reply;
  readonly snapshot?: () => Snapshot;
  readonly deps?: Partial<Deps>;
};

export type TestDoor = HttpApp & {
  /** Calls a path, with KEY unless `init` has headers of its own. */
  readonly call: (path: string, init?: RequestInit) => Promise<Response>;
  /** POSTs a body as JSON to the route that shows its Ask. */
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly asks: Ask[];
  readonly timers: Timers;
};

const noSnapshot = (): Snapshot => {
  throw new Error("this test has no configuration");
};

export const testDoor = (options: DoorOptions = {}): TestDoor => {
  const asks: Ask[] = [];
  const pending = new Map<() => void, number>();
  const unreachable = (): never => {
    throw new Error("the doors never ask for this themselves");
  };
  const deps: Deps = {
    clock: {
      now: () => 1_000,
      after: (ms, run) => {
        pending.set(run, ms);
        return () => pending.delete(run);
      },
    },
    random: () => 0.5,
    settings: { current: options.snapshot ?? noSnapshot },
    keys: { verify: holder(CALLERS, ADMINS) },
    secrets: { get: unreachable },
    upstream: { send: unreachable },
    workersAi: undefined,
    telemetry: noTelemetry,
    limiter: noLimiter,
    account: { judge: async () => ok("live") },
    background: unreachable,
    ...options.deps,
  } as Deps;
  const gate = {
    admins: { verifyAdmin: holder(ADMINS, CALLERS) },
    trespass: { note: () => {} },
  } as unknown as Gate;
  const reply: Reply = options.reply ?? {
    ok: true,
    status: 200,
    headers: { "content-type": "application/json" },
    body: "{}",
  };
  const run = (_deps: Deps, ask: Ask): Promise<Reply> => {
    asks.push(ask);
    return Promise.resolve(reply);
  };
  const door = (path: string, endpoint: Ask["endpoint"], errors: Route["errors"]): Route => ({
    method: "POST",
    path,
    auth: { class: "data", scope: endpoint === "embeddings" ? "embeddings" : "chat" },
    errors,
    handle: callModel({
      endpoint,
      dialect: errors === "openai" ? "openai-chat" : "anthropic-messages",
      run,
    }),
  });
  const routes = options.routes ?? [
    door("/v1/chat/completions", "chat", "openai"),
    door("/v1/messages", "messages", "anthropic"),
    door("/v1/embeddings", "embeddings", "openai"),
  ];
  const app = serveRoutes(routes, deps, gate, {
    missingRoots: options.missingRoots ?? [],
    allowedHosts: options.allowedHosts,
  });
  const call: TestDoor["call"] = async (path, init = {}) =>
    app.fetch(
      new Request(`http://gateway.test${path}`, {
        headers: { authorization: `Bearer ${KEY}` },
        ...init,
      }),
    );
  return {
    ...app,
    call,
    post: (body, headers = {}) =>
      call("/v1/chat/completions", {
        method: "POST",
        headers: {
          authorization: `Bearer ${KEY}`,
          "content-type": "application/json",
          ...headers,
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    asks,
    timers: {
      fire: () => {
        for (const run of pending.keys()) run();
      },
      waiting: () => [...pending.values()],
    },
  };
};

export type ErrorAnswer = {
  readonly status: number;
  readonly code: unknown;
  readonly param: unknown;
};

/** Status, code and param of an error answer in OpenAI's envelope. */
export const errorOf = async (response: Response): Promise<ErrorAnswer> => {
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  return { status: response.status, code: error["code"], param: error["param"] };
};
