/**
 * Decides: how admin routes are called in tests: the token is the caller's scopes, with `+` between.
 * Never: stands in for a store.
 */
import type { Snapshot } from "../../src/domain/config/snapshot.ts";
import { withStores } from "../../src/http/admin/routes.ts";
import type { Route } from "../../src/http/context.ts";
import { serveRoutes } from "../../src/http/serve.ts";
import type { Stores } from "../../src/platform/stores.ts";
import type { Deps } from "../../src/ports.ts";

export type AdminAnswer = {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The text as JSON; an empty object where it is none. */
  readonly body: Record<string, unknown>;
  readonly error: Record<string, unknown>;
};

export type AdminCall = (
  method: string,
  path: string,
  body?: unknown,
  scopes?: string,
) => Promise<AdminAnswer>;

export const adminPlane = (
  routes: readonly Route[],
  stores: Partial<Stores>,
  now: () => number,
  snapshot: Partial<Snapshot> = {},
): AdminCall => {
  const admins = {
    verifyAdmin: async (token: string) => ({
      ok: true,
      value: { actor: "root", scopes: new Set(token.split("+")) },
    }),
  };
  const all = { admins, ...stores } as unknown as Stores;
  const app = serveRoutes(
    withStores(routes, all),
    {
      clock: { now, after: () => () => {} },
      random: () => 0,
      settings: { current: () => snapshot },
    } as unknown as Deps,
    all,
    { missingRoots: [], allowedHosts: undefined },
  );
  return async (method, path, body, scopes = "usage:read+config:write") => {
    const response = await app.fetch(
      new Request(`http://gateway.test/admin/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${scopes}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    const parsed = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
    return {
      ...{ status: response.status, text, headers: response.headers, body: parsed },
      error: (parsed["error"] ?? {}) as Record<string, unknown>,
    };
  };
};
