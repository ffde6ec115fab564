/**
 * Decides: what every handler finds in its context, and what a row of the router table is.
 * Never: handles anything.
 */
import type { Context } from "hono";
import type { ErrorStyle } from "../dialects/error-body.ts";
import type { Admin, AdminScope, Caller, DataScope } from "../domain/tenant.ts";
import type { Gate, Stores } from "../platform/stores.ts";
import type { Deps } from "../ports.ts";

/** What is known of a request before it is routed; rides in Hono's env. */
export type Arrival = {
  readonly requestId: string;
  /** Milliseconds since the epoch, of the request's arrival. */
  readonly at: number;
  /** How errors are written until a route has been found. */
  readonly errors: ErrorStyle;
};

export type App = {
  Bindings: Arrival;
  Variables: {
    /** With the organisation's alias in it, once that is known. */
    requestId: string;
    deps: Deps;
    gate: Gate;
    /** Set by the admin plane's table, for its handlers. */
    stores: Stores;
    /** How errors are written on this route. */
    errors: ErrorStyle;
    /** Set by the router for routes of class "data". */
    caller: Caller;
    /** Set by the router for routes of class "admin". */
    admin: Admin;
    /** Milliseconds spent on authentication. Set with `caller`. */
    authMs: number;
  };
};

export type Ctx = Context<App>;

export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Hono's pattern, canonical. */
  readonly path: string;
  /** Who may call it. There is no default: a row without a class does not compile. */
  readonly auth:
    | { readonly class: "public" }
    /** `renewed`: nothing behind the route admits the caller, so his key is asked after anew. */
    | { readonly class: "data"; readonly scope?: DataScope; readonly renewed?: true }
    | { readonly class: "admin"; readonly scope: AdminScope };
  /** How errors are written: as OpenAI's envelope or as Anthropic's. */
  readonly errors: ErrorStyle;
  readonly handle: (c: Ctx) => Response | Promise<Response>;
};
