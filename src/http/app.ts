/**
 * Decides: what the Worker serves: the one router table.
 * Never: is built more than once an isolate.
 */
import type { Stores } from "../platform/stores.ts";
import type { Deps } from "../ports.ts";
import type { Route } from "./context.ts";
import { ROUTES } from "./routes.ts";
import { type AppOptions, type HttpApp, serveRoutes } from "./serve.ts";

/** The app; `routes` is for tests of a part of the table. */
export const createApp = (
  deps: Deps,
  stores: Stores,
  options: AppOptions,
  routes: readonly Route[] = ROUTES,
): HttpApp => serveRoutes(routes, deps, stores, options);
