/**
 * Decides: every route that a request of the data plane can take, each with the class of key that it takes.
 * Never: has a route without a class. What is in neither this table nor that of admin/routes.ts is not served.
 */
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
];
