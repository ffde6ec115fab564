/**
 * Decides: the way of every request to its handler: id, settings, host, path, route, key, and back.
 * Never: knows what a handler does. Built once an isolate; nothing is built for a request.
 */
import { Hono } from "hono";
import type { ErrorStyle } from "../dialects/error-body.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Shield } from "../platform/shield.ts";
import type { Gate } from "../platform/stores.ts";
import type { Deps } from "../ports.ts";
import { authorise } from "./authorise.ts";
import type { App, Arrival, Ctx, Route } from "./context.ts";
import { errorResponse, refuse } from "./error.ts";
import { checkHostAndPath } from "./host-and-path.ts";
import { logBug } from "./log-bug.ts";
import { rawPath } from "./raw-path.ts";
import { newRequestId } from "./request-id.ts";
import { shielded } from "./shield.ts";

export type AppOptions = {
  /** Root secrets that are unset; while there is one, only /healthz is served. */
  readonly missingRoots: readonly string[];
  /** Lower case, with or without a port; undefined: any well-formed host. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Stands before the keys; undefined where no Redis is configured. */
  readonly shield?: Shield | undefined;
};

export type HttpApp = {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** The router's own view of what is registered. */
  readonly registered: () => readonly { readonly method: string; readonly path: string }[];
};

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

export const serveRoutes = (
  routes: readonly Route[],
  deps: Deps,
  gate: Gate,
  options: AppOptions,
): HttpApp => {
  const router = new Hono<App>();
  for (const route of routes) {
    router.on(route.method, route.path, (c) => serve(c, deps, gate, route));
  }
  const allowedOn = (path: string): readonly string[] => {
    const served = (method: string): boolean => router.router.match(method, path)[0].length > 0;
    return METHODS.filter((method) => served(method === "HEAD" ? "GET" : method));
  };
  router.notFound((c) => {
    const allow = allowedOn(c.req.path);
    const fail = allow.length > 0 ? failure("method_not_allowed", { allow }) : failure("not_found");
    return refused(c.env, fail);
  });
  const refused = ({ errors, requestId }: Arrival, fail: Failure): Response =>
    sealed(errorResponse(errors, fail, requestId, deps.random), requestId, errors);

  return {
    fetch(request) {
      const path = rawPath(request.url);
      const arrival: Arrival = {
        requestId: newRequestId(),
        at: deps.clock.now(),
        errors: styleOf(path),
      };
      const fail = missingSetting(path, options) ?? checkHostAndPath(request, path, options);
      if (fail !== undefined) return refused(arrival, fail);
      const { shield } = options;
      if (shield === undefined) return router.fetch(request, arrival);
      return shielded(shield, request, path).then((flood) =>
        flood === undefined ? router.fetch(request, arrival) : refused(arrival, flood),
      );
    },
    registered: () => router.routes.map(({ method, path }) => ({ method, path })),
  };
};

const serve = async (c: Ctx, deps: Deps, gate: Gate, route: Route): Promise<Response> => {
  c.set("requestId", c.env.requestId);
  c.set("deps", deps);
  c.set("gate", gate);
  c.set("errors", route.errors);
  return sealed(await handled(c, route), c.get("requestId"), c.get("errors"));
};

const handled = async (c: Ctx, route: Route): Promise<Response> => {
  try {
    const fail = await authorise(c, route.auth);
    return fail === undefined ? await route.handle(c) : refuse(c, fail);
  } catch (error) {
    logBug(c.get("requestId"), route.path, error);
    return refuse(c, failure("internal_error"));
  }
};

/** Puts on what every answer carries. */
const sealed = (response: Response, requestId: string, style: ErrorStyle): Response => {
  const { headers } = response;
  headers.set("x-request-id", requestId);
  // Anthropic's clients look for theirs under this name.
  if (style === "anthropic") headers.set("request-id", requestId);
  headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  return response;
};

const missingSetting = (path: string, { missingRoots }: AppOptions): Failure | undefined => {
  const [first] = missingRoots;
  if (first === undefined || path === "/healthz") return undefined;
  return failure("misconfigured", { param: first, details: { missing: missingRoots } });
};

const styleOf = (path: string): ErrorStyle =>
  path === "/v1/messages" || path.startsWith("/v1/messages/") ? "anthropic" : "openai";
