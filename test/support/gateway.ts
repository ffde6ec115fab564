/**
 * Decides: how the real gateway is served in tests: the deployable bundle in workerd, with its own D1 and KV,
 * migrations applied, root secrets set.
 * Never: replaces a part of it.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { V4WorkerOptions } from "miniflare";
import {
  unstable_getMiniflareWorkerOptions,
  unstable_readConfig,
  unstable_splitSqlQuery,
} from "wrangler";
import { bundle, PROJECT } from "./bundle.ts";
import { type ServedWorker, serveWorker } from "./served-worker.ts";

export type Gateway = ServedWorker & {
  readonly adminToken: string;
  /** What the Worker has logged, line by line. */
  readonly logs: readonly string[];
  /** A call of the admin API under /admin/v1, with ADMIN_TOKEN unless `init` has headers of its own. */
  admin(method: string, path: string, body?: unknown): Promise<Response>;
  /** The same; throws unless it succeeds. */
  adminJson(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  putConfig(config: unknown): Promise<void>;
  makeOrg(id: string, policy?: unknown): Promise<void>;
  /** A new key's secret. */
  makeKey(org: string, more?: Record<string, unknown>): Promise<string>;
};

export type GatewayOptions = {
  /** Environment secrets beside the root ones, e.g. provider keys. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The queue is told and nobody reads it: in production that is an isolate elsewhere. */
  readonly withoutConsumer?: true;
};

const ADMIN_TOKEN = "test-admin-token";
const ROOT_SECRETS = {
  ADMIN_TOKEN,
  KEY_PEPPER: "test-pepper",
  MASTER_KEY: "dGVzdC1tYXN0ZXIta2V5LXRlc3QtbWFzdGVyLWtleSE=",
};

/** The Worker as it is deployed, with the settings of wrangler.toml and the secrets of tests. */
export const workerOptions = async (options: GatewayOptions): Promise<V4WorkerOptions> => {
  const { modules } = await bundle();
  // What is missing from .dev.vars is of no concern here: tests bring their own secrets.
  process.env["WRANGLER_LOG"] ??= "error";
  const config = unstable_readConfig({ config: join(PROJECT, "wrangler.toml") });
  const { modulesRules: _, ...worker } = unstable_getMiniflareWorkerOptions(config).workerOptions;
  return {
    ...worker,
    ...(options.withoutConsumer === true && { queueConsumers: {} }),
    modules: [...modules],
    modulesRoot: "/",
    bindings: {
      ...(config.vars as Record<string, string>),
      ...ROOT_SECRETS,
      ALLOW_PRIVATE_UPSTREAMS: "true",
      ...options.secrets,
    },
  };
};

export const startGateway = async (options: GatewayOptions = {}): Promise<Gateway> => {
  const logs: string[] = [];
  const served = await serveWorker(await workerOptions(options), (line) => logs.push(line));
  await migrate(served);
  return { ...served, logs, adminToken: ADMIN_TOKEN, ...administration(served.url) };
};

export const migrate = async ({ miniflare }: Pick<ServedWorker, "miniflare">): Promise<void> => {
  const folder = join(PROJECT, "src/platform/sql");
  const database = await miniflare.getD1Database("DB");
  for (const file of (await readdir(folder)).sort()) {
    if (!file.endsWith(".sql")) continue;
    const statements = unstable_splitSqlQuery(await readFile(join(folder, file), "utf8"));
    await database.batch(statements.map((statement) => database.prepare(statement)));
  }
};

type Administration = Pick<Gateway, "admin" | "adminJson" | "putConfig" | "makeOrg" | "makeKey">;

export const administration = (url: string): Administration => {
  const admin: Gateway["admin"] = (method, path, body) =>
    fetch(`${url}/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const adminJson: Gateway["adminJson"] = async (method, path, body) => {
    const response = await admin(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  return {
    admin,
    adminJson,
    putConfig: async (config) => {
      await adminJson("PUT", "/config", config);
    },
    makeOrg: async (id, policy) => {
      await adminJson("POST", "/orgs", { id, name: id, ...(policy !== undefined && { policy }) });
    },
    makeKey: async (org, more = {}) => {
      const { key } = await adminJson("POST", "/keys", { org, ...more });
      return String(key);
    },
  };
};
