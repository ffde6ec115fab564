import { describe, expect, it } from "vitest";
import { ADMIN_ROUTES } from "../../src/http/admin/routes.ts";
import type { Route } from "../../src/http/context.ts";
import { ROUTES as DATA_ROUTES } from "../../src/http/routes.ts";
import { testDoor } from "./door.ts";

const name = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} ${path}`;

declare global {
  interface ImportMeta {
    /** Vite's: all modules that a pattern finds, by their paths. */
    glob(
      patterns: readonly string[],
      options: { readonly eager: true },
    ): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }
}

/** What each file of the doors exports under a name like `keyRoutes`. */
const FILES = Object.entries(
  import.meta.glob(["../../src/http/*.ts", "../../src/http/admin/*.ts"], { eager: true }),
).flatMap(([file, all]) =>
  Object.entries(all).flatMap(([exported, rows]): [string, readonly Route[]][] =>
    /[a-z]Routes$/.test(exported) && Array.isArray(rows) ? [[file, rows]] : [],
  ),
);

const ROUTES = [...DATA_ROUTES, ...ADMIN_ROUTES];

describe("the router tables", () => {
  it("are exactly what is registered", () => {
    const { registered } = testDoor({ routes: ROUTES });
    expect(registered().map(name).sort()).toEqual(ROUTES.map(name).sort());
  });

  it("name no route twice", () => {
    expect(new Set(ROUTES.map(name)).size).toBe(ROUTES.length);
  });

  it.each(ROUTES.map((route) => [name(route), route] as const))("%s has its class", (_, route) => {
    const { auth, path } = route;
    const expected = path.startsWith("/admin/")
      ? "admin"
      : path.startsWith("/v1/")
        ? "data"
        : "public";
    expect(auth.class).toBe(expected);
    if (auth.class === "admin") expect(auth.scope).toMatch(/^[a-z]+:(read|write)$/);
    // Validating a document changes nothing.
    const changes = route.method !== "GET" && !path.endsWith("/validate");
    if (changes && auth.class === "admin") expect(auth.scope).toMatch(/:write$/);
    expect(route.errors).toBe(path.startsWith("/v1/messages") ? "anthropic" : "openai");
  });

  it("are split by path: the data plane loads none of the admin plane's code", () => {
    const isAdmin = ({ path }: { readonly path: string }): boolean =>
      path.startsWith("/admin/") || path === "/config.schema.json";
    expect(DATA_ROUTES.filter(isAdmin)).toEqual([]);
    expect(ADMIN_ROUTES.filter((route) => !isAdmin(route))).toEqual([]);
  });

  it("are public for health, readiness and the schema alone", () => {
    const open = ROUTES.filter((route) => route.auth.class === "public").map(name);
    expect(open.sort()).toEqual(["GET /config.schema.json", "GET /healthz", "GET /readyz"]);
  });

  it.each(FILES)("have all routes of %s", (_, routes) => {
    expect(routes.length).toBeGreaterThan(0);
    expect(ROUTES).toEqual(expect.arrayContaining([...routes]));
  });

  it("have none that no file exports", () => {
    expect(ROUTES.map(name).sort()).toEqual(FILES.flatMap(([, rows]) => rows.map(name)).sort());
  });

  it("serve the data plane of the contract", () => {
    expect(ROUTES.map(name)).toEqual(
      expect.arrayContaining([
        "POST /v1/chat/completions",
        "POST /v1/messages",
        "POST /v1/messages/count_tokens",
        "POST /v1/embeddings",
        "GET /v1/models",
        "GET /healthz",
        "GET /readyz",
      ]),
    );
  });

  it.each(
    ROUTES.filter((route) => route.auth.class !== "public").map(
      (route) => [name(route), route] as const,
    ),
  )("%s is closed to whoever has no key", async (_, { method, path }) => {
    const door = testDoor({ routes: ROUTES });
    const concrete = path.replace(/:[a-z]+(\{[^}]*\})?/g, "x");
    const response = await door.call(concrete, { method, headers: {} });
    expect(response.status).toBe(401);
  });
});
