/**
 * Decides: every route there is, each with the class of key that it takes. The one router table.
 * Never: has a route without a class, and nothing is served that is not in it.
 */
import { canaryRoutes } from "./admin/canaries.ts";
import { configRoutes } from "./admin/config.ts";
import { deadLetterRoutes } from "./admin/dead-letters.ts";
import { keyRoutes } from "./admin/keys.ts";
import { limitRoutes } from "./admin/limits.ts";
import { metricRoutes } from "./admin/metrics.ts";
import { orgRoutes } from "./admin/orgs.ts";
import { providerRoutes } from "./admin/providers.ts";
import { requestRoutes } from "./admin/requests.ts";
import { usageRoutes } from "./admin/usage.ts";
import { chatRoutes } from "./chat.ts";
import type { Route } from "./context.ts";
import { embeddingRoutes } from "./embeddings.ts";
import { messageRoutes } from "./messages.ts";
import { modelRoutes } from "./models.ts";
import { ownRoutes } from "./own.ts";
import { statusRoutes } from "./status.ts";

export const ROUTES: readonly Route[] = [
  ...statusRoutes,
  ...chatRoutes,
  ...messageRoutes,
  ...embeddingRoutes,
  ...modelRoutes,
  ...ownRoutes,
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
];
