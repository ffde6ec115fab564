/**
 * Decides: how the Worker's bindings become the ports of the pipeline, and, when the admin plane is first
 * asked for something, its stores; built once for each isolate.
 * Never: is asked for anything while a request runs.
 */
import { waitUntil } from "cloudflare:workers";
import { Secret } from "../base/secret.ts";
import { lookupModel as table } from "../policy/usage/model-table.ts";
import type { Deps, WorkersAi } from "../ports.ts";
import type { Semantic } from "../ports-semantic.ts";
import { createAlerts } from "./alerts.ts";
import { createCanaries } from "./canaries.ts";
import { createClock } from "./clock.ts";
import { freshSecret } from "./crypto.ts";
import { createSecrets, variablesOf } from "./env.ts";
import type { SharedFlights } from "./flight.ts";
import { createFlights } from "./flights.ts";
import { createHealth } from "./health.ts";
import { createIncidents } from "./incidents.ts";
import { createKeys } from "./keys.ts";
import { createAdmins } from "./keys-admins.ts";
import { createLearned } from "./learned.ts";
import { createOrganisations } from "./organisations.ts";
import { createPromptHash } from "./prompt-hash.ts";
import { createResponseCache } from "./response-cache.ts";
import { type Roots, rootsOf } from "./roots.ts";
import { createCurrentSettings } from "./settings-current.ts";
import { createPublishedSettings } from "./settings-published.ts";
import { createVersions } from "./settings-versions.ts";
import type { Gate, Stores } from "./stores.ts";
import { createTelemetry } from "./telemetry.ts";
import { loadTokenizer } from "./tokenizers.ts";
import { createTrespass } from "./trespass.ts";
import { createUpstashServices, type UpstashServices } from "./upstash.ts";
import { createUpstream } from "./upstream.ts";

/** Only production binds these two; `wrangler dev` without an account cannot. */
type Bindings = Env & { readonly AI?: Ai; readonly VECTORS?: Vectorize };

const workersAiOf = (env: Bindings): WorkersAi | undefined => {
  const { AI } = env;
  if (AI === undefined) return undefined;
  const run = AI.run.bind(AI) as (
    model: string,
    input: unknown,
    options: object,
  ) => Promise<unknown>;
  return { run: (model, input, signal) => run(model, input, { signal }) };
};

export type Platform = {
  readonly deps: Deps;
  readonly gate: Gate;
  /** The admin plane's; their code is loaded with the first call. */
  readonly loadStores: () => Promise<Stores>;
  readonly shield: UpstashServices["shield"];
};

/** Where root secrets are missing nothing but /healthz is served; should anything be, nobody holds these. */
const nobodys = (): Roots => ({
  adminToken: new Secret(freshSecret()),
  masterKey: new Secret(freshSecret()),
  peppers: [new Secret(freshSecret())],
});

export const createPlatform = (env: Bindings): Platform => {
  const { DB: db, KV: kv } = env;
  const clock = createClock();
  const { allowPrivateUpstreams: allowPrivate } = variablesOf(env);
  const secrets = createSecrets(env);
  const roots = rootsOf(env) ?? nobodys();
  const parts = { db, kv, clock, roots, background: waitUntil };
  const versions = createVersions(db);
  const published = createPublishedSettings(kv, versions);
  const settings = createCurrentSettings({ ...parts, versions, published, table });
  const gate = { admins: createAdmins(parts), trespass: createTrespass(parts) };
  const objects = (name: string) => env.TARGET.getByName(name);
  const canaries = createCanaries({
    objectOf: (name) => env.CANARY.getByName(name),
    clock,
    background: waitUntil,
  });
  const health = createHealth({ clock, random: Math.random, objects, background: waitUntil });
  const incidents = createIncidents(parts);
  const upstash = createUpstashServices(env, { ...parts, incidents });
  let shared: SharedFlights | undefined;
  const flights = createFlights(clock, {
    background: waitUntil,
    load: async () => {
      const { createSharedFlights } = await import("./flights-shared.ts");
      shared ??= createSharedFlights({
        ...{ clock, reach: organisations.reach },
        objectOf: (name) => env.FLIGHT.getByName(name),
      });
      return shared;
    },
  });
  const organisations = createOrganisations({
    ...{ db, clock, random: Math.random, background: waitUntil, ended: flights.told },
    namespace: env.ORGANISATION,
    masterKey: roots.masterKey,
    queue: env.USAGE,
    shared: upstash.limits,
    incidents,
  });
  const keys = createKeys(parts);
  // Who has changed a key here, and uses it here at once, sees the change: other isolates take seconds, and are told
  // that they are behind where somebody is admitted.
  const told =
    <Told extends readonly unknown[]>(tell: (...what: Told) => Promise<void>) =>
    (...what: Told): Promise<void> =>
      tell(...what).finally(keys.forget);
  let semantic: Semantic | undefined;
  return {
    shield: upstash.shield,
    deps: {
      clock,
      random: Math.random,
      settings,
      keys,
      secrets,
      upstream: createUpstream({ allowPrivate, incidents }),
      workersAi: workersAiOf(env),
      telemetry: createTelemetry(),
      canaries,
      health,
      learned: createLearned(),
      once: organisations.once,
      alerts: createAlerts({ settings, secrets, clock, allowPrivate, background: waitUntil }),
      limiter: organisations.limiter,
      cache: createResponseCache({ ...parts, masterKey: roots.masterKey }),
      flights,
      loadSemantic: async () => {
        const { createSemantic } = await import("./semantic.ts");
        semantic ??= createSemantic({
          ...{ clock, background: waitUntil, masterKey: roots.masterKey },
          namespace: env.SEMANTIC,
          vectors: env.VECTORS,
        });
        return semantic;
      },
      account: organisations.account,
      promptHash: createPromptHash(roots.masterKey),
      loadTokenizer,
      createPipe: () => new IdentityTransformStream(),
      background: waitUntil,
    },
    gate,
    loadStores: async () => {
      const { createStores } = await import("./admin-stores.ts");
      return createStores({
        ...{ ...parts, secrets, allowPrivate, table, versions, published, gate },
        ...{ current: settings, canaries, objects, refresh: health.refresh },
        organisations: {
          ...organisations,
          tellObject: told(organisations.tellObject),
          tellTenant: told(organisations.tellTenant),
        },
        hasVectorize: env.VECTORS !== undefined,
      });
    },
  };
};
