/**
 * Decides: how a test asks the admin plane: the app itself, real storage, a clock that it moves.
 * Never: serves a route that is not the shipped one.
 */
import { env } from "cloudflare:workers";
import { keyRoutes } from "../../src/http/admin/keys.ts";
import { orgRoutes } from "../../src/http/admin/orgs.ts";
import { withStores } from "../../src/http/admin/routes.ts";
import type { Route } from "../../src/http/context.ts";
import { serveRoutes } from "../../src/http/serve.ts";
import { createKeys } from "../../src/platform/keys.ts";
import { createAdmins } from "../../src/platform/keys-admins.ts";
import { createKeyStore } from "../../src/platform/keys-store.ts";
import type { Stores } from "../../src/platform/stores.ts";
import { createTenants } from "../../src/platform/tenants.ts";
import { createTrespass } from "../../src/platform/trespass.ts";
import type { Deps } from "../../src/ports.ts";
import { noLimiter } from "../../src/ports-account.ts";
import { type Bench, bench } from "../platform/keys-support.ts";
import { migrated, noObjects } from "../platform/tenants-database.ts";

/** Stands for any route of the data plane. */
const whoami: Route = {
  method: "GET",
  path: "/v1/models",
  auth: { class: "data" },
  errors: "openai",
  handle: (c) => Response.json({ key: c.get("caller").key }),
};

export type Answer = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever shape it expects.
  readonly body: any;
};

export type Plane = {
  readonly bench: Bench;
  /** Sends `body` as JSON to a path below /admin/v1, with ADMIN_TOKEN unless told otherwise. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  /** Uses `token` on the data plane. */
  use(token: string): Promise<Answer>;
};

export async function adminPlane(): Promise<Plane> {
  await migrated();
  const made = bench();
  const stores = {
    tenants: createTenants({ ...noObjects, db: env.DB, kv: env.KV, clock: made.clock }),
    keys: createKeyStore({ ...noObjects, ...made, db: env.DB, kv: env.KV }),
    admins: createAdmins(made),
    trespass: createTrespass({ ...made, db: env.DB }),
  };
  const deps = { clock: made.clock, random: () => 0, keys: createKeys(made), limiter: noLimiter };
  // The routes under test reach for nothing else; what they would miss throws.
  const app = serveRoutes(
    [...withStores([...orgRoutes, ...keyRoutes], stores as unknown as Stores), whoami],
    deps as unknown as Deps,
    stores,
    { missingRoots: [], allowedHosts: undefined },
  );
  const send = async (
    method: string,
    path: string,
    token: string,
    body?: unknown,
  ): Promise<Answer> => {
    const response = await app.fetch(
      new Request(`https://gateway.test${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  return {
    bench: made,
    ask: (method, path, body, token = "the-admin-token") =>
      send(method, `/admin/v1${path}`, token, body),
    use: (token) => send("GET", "/v1/models", token),
  };
}
