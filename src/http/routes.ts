/**
 * Decides: every route there is, each with the class of key that it takes. The one router table.
 * Never: has a route without a class, and nothing is served that is not in it.
 */
import { canaryRoutes } from "./admin/canaries.ts";
import { configRoutes } from "./admin/config.ts";
import { keyRoutes } from "./admin/keys.ts";
import { orgRoutes } from "./admin/orgs.ts";
import { providerRoutes } from "./admin/providers.ts";
import { chatRoutes } from "./chat.ts";
import type { Route } from "./context.ts";
import { embeddingRoutes } from "./embeddings.ts";
import { messageRoutes } from "./messages.ts";
import { modelRoutes } from "./models.ts";
import { statusRoutes } from "./status.ts";

export const ROUTES: readonly Route[] = [
  ...statusRoutes,
  ...chatRoutes,
  ...messageRoutes,
  ...embeddingRoutes,
  ...modelRoutes,
  ...configRoutes,
  ...orgRoutes,
  ...keyRoutes,
  ...canaryRoutes,
  ...providerRoutes,
];
