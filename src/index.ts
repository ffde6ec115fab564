/**
 * Decides: nothing. The Worker's door: builds the app once for an isolate and hands requests to it,
 * queues and the hour to the background's jobs; the runtime finds the Durable Objects here.
 * Never: holds anything of a request.
 */
import { createApp } from "./http/app.ts";
import type { HttpApp } from "./http/serve.ts";
import { type BackgroundJobs, createBackgroundJobs } from "./platform/background-jobs.ts";
import { createPlatform } from "./platform/deps.ts";
import { variablesOf } from "./platform/env.ts";
import { missingRoots } from "./platform/roots.ts";

// biome-ignore lint/performance/noBarrelFile: the runtime finds the Durable Objects among the exports.
export { CanaryObject } from "./platform/objects/canary.ts";
export { OrganisationObject } from "./platform/objects/organisation.ts";
export { TargetObject } from "./platform/objects/target.ts";

let app: HttpApp | undefined;
let jobs: BackgroundJobs | undefined;

const build = (env: Env): HttpApp => {
  const { deps, stores, shield } = createPlatform(env);
  return createApp(deps, stores, {
    missingRoots: missingRoots(env),
    allowedHosts: variablesOf(env).allowedHosts,
    shield,
  });
};

const worker = {
  fetch: (request, env) => {
    app ??= build(env);
    return app.fetch(request);
  },
  queue: (batch, env) => {
    jobs ??= createBackgroundJobs(env);
    return jobs.delivered(batch);
  },
  scheduled: (_, env) => {
    jobs ??= createBackgroundJobs(env);
    return jobs.hourly();
  },
} satisfies ExportedHandler<Env>;

// biome-ignore lint/style/noDefaultExport: the Workers runtime takes the handlers from the default export.
export default worker;
