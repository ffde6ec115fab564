/**
 * Decides: every route of the admin plane and of the configuration's schema, each with the scope that it takes.
 * Never: is loaded before the first request for one of them: schemas are a quarter of the Worker's code.
 */
import type { Stores } from "../../platform/stores.ts";
import type { Route } from "../context.ts";
import { cacheRoutes } from "./cache.ts";
import { canaryRoutes } from "./canaries.ts";
import { configRoutes } from "./config.ts";
import { deadLetterRoutes } from "./dead-letters.ts";
import { keyRoutes } from "./keys.ts";
import { limitRoutes } from "./limits.ts";
import { metricRoutes } from "./metrics.ts";
import { orgRoutes } from "./orgs.ts";
import { providerRoutes } from "./providers.ts";
import { requestRoutes } from "./requests.ts";
import { usageRoutes } from "./usage.ts";

export const ADMIN_ROUTES: readonly Route[] = [
  ...configRoutes,
  ...orgRoutes,
  ...keyRoutes,
  ...limitRoutes,
  ...canaryRoutes,
  ...providerRoutes,
  ...usageRoutes,
  ...requestRoutes,
  ...metricRoutes,
  ...deadLetterRoutes,
  ...cacheRoutes,
];

/** The routes, their handlers asking these stores. */
export const withStores = (routes: readonly Route[], stores: Stores): readonly Route[] =>
  routes.map((route) => ({
    ...route,
    handle: (c) => {
      c.set("stores", stores);
      return route.handle(c);
    },
  }));
