/**
 * Decides: what the Worker serves: the data plane's table at once, the admin plane's when first asked for.
 * Never: is built more than once an isolate. Each plane has its own router, and no path is in both.
 */
import type { Gate, Stores } from "../platform/stores.ts";
import type { Deps } from "../ports.ts";
import { rawPath } from "./raw-path.ts";
import { ROUTES } from "./routes.ts";
import { type AppOptions, type HttpApp, serveRoutes } from "./serve.ts";

/** `loadStores`: what the admin plane keeps things in. */
export type Planes = { readonly gate: Gate; readonly loadStores: () => Promise<Stores> };

/** Of the path as it came: one that hides behind escapes is in neither table. */
const isAdmin = (path: string): boolean =>
  path.startsWith("/admin/") || path === "/config.schema.json";

export const createApp = (
  deps: Deps,
  { gate, loadStores }: Planes,
  options: AppOptions,
): Pick<HttpApp, "fetch"> => {
  const data = serveRoutes(ROUTES, deps, gate, options);
  let admin: HttpApp | undefined;
  /** Nobody waits for what another request loads: that one may be gone, or have failed. */
  const load = async (): Promise<HttpApp> => {
    const [{ ADMIN_ROUTES, withStores }, stores] = await Promise.all([
      import("./admin/routes.ts"),
      loadStores(),
    ]);
    admin ??= serveRoutes(withStores(ADMIN_ROUTES, stores), deps, gate, options);
    return admin;
  };
  return {
    fetch(request) {
      if (!isAdmin(rawPath(request.url))) return data.fetch(request);
      return admin === undefined
        ? load().then((loaded) => loaded.fetch(request))
        : admin.fetch(request);
    },
  };
};
