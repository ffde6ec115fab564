/**
 * Decides: nothing. The Worker's door: builds the app once for an isolate and hands requests to it,
 * queues and the hour to the background's jobs; the runtime finds the Durable Objects here.
 * Never: holds anything of a request.
 */
import { createApp } from "./http/app.ts";
import type { HttpApp } from "./http/serve.ts";
import type { BackgroundJobs } from "./platform/background-jobs.ts";
import { createPlatform } from "./platform/deps.ts";
import { variablesOf } from "./platform/env.ts";
import { missingRoots } from "./platform/roots.ts";

// biome-ignore lint/performance/noBarrelFile: the runtime finds the Durable Objects among the exports.
export { CanaryObject } from "./platform/objects/canary.ts";
export { FlightObject } from "./platform/objects/flight.ts";
export { OrganisationObject } from "./platform/objects/organisation.ts";
export { SemanticIndexObject } from "./platform/objects/semantic-index.ts";
export { TargetObject } from "./platform/objects/target.ts";

let app: Pick<HttpApp, "fetch"> | undefined;
let jobs: BackgroundJobs | undefined;

const build = (env: Env): Pick<HttpApp, "fetch"> => {
  const { deps, shield, ...planes } = createPlatform(env);
  return createApp(deps, planes, {
    missingRoots: missingRoots(env),
    allowedHosts: variablesOf(env).allowedHosts,
    shield,
  });
};

/** Most isolates never have one to do. Nobody waits for what another event loads: that one may be gone. */
const loadJobs = async (env: Env): Promise<BackgroundJobs> => {
  const { createBackgroundJobs } = await import("./platform/background-jobs.ts");
  jobs ??= createBackgroundJobs(env);
  return jobs;
};

const worker = {
  fetch: (request, env) => {
    app ??= build(env);
    return app.fetch(request);
  },
  queue: async (batch, env) => (jobs ?? (await loadJobs(env))).delivered(batch),
  scheduled: async (_, env) => (jobs ?? (await loadJobs(env))).hourly(),
} satisfies ExportedHandler<Env>;

// biome-ignore lint/style/noDefaultExport: the Workers runtime takes the handlers from the default export.
export default worker;
