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
let jobs: Promise<BackgroundJobs> | undefined;

const build = (env: Env): Pick<HttpApp, "fetch"> => {
  const { deps, shield, ...planes } = createPlatform(env);
  return createApp(deps, planes, {
    missingRoots: missingRoots(env),
    allowedHosts: variablesOf(env).allowedHosts,
    shield,
  });
};

/** Most isolates never have one to do. */
const loadJobs = async (env: Env): Promise<BackgroundJobs> => {
  const { createBackgroundJobs } = await import("./platform/background-jobs.ts");
  return createBackgroundJobs(env);
};

const worker = {
  fetch: (request, env) => {
    app ??= build(env);
    return app.fetch(request);
  },
  queue: (batch, env) => {
    jobs ??= loadJobs(env);
    return jobs.then(({ delivered }) => delivered(batch));
  },
  scheduled: (_, env) => {
    jobs ??= loadJobs(env);
    return jobs.then(({ hourly }) => hourly());
  },
} satisfies ExportedHandler<Env>;

// biome-ignore lint/style/noDefaultExport: the Workers runtime takes the handlers from the default export.
export default worker;
