/**
 * Decides: how the Worker's bindings become the ports of the pipeline and the stores of the admin
 * plane; built once for each isolate.
 * Never: is asked for anything while a request runs.
 */
import { waitUntil } from "cloudflare:workers";
import type { Clock } from "../base/clock.ts";
import { Secret } from "../base/secret.ts";
import { lookupModel } from "../policy/usage/model-table.ts";
import type { Deps, WorkersAi } from "../ports.ts";
import { createCanaries } from "./canaries.ts";
import { createClock } from "./clock.ts";
import { freshSecret } from "./crypto.ts";
import { createSecrets, variablesOf } from "./env.ts";
import { createHealth } from "./health.ts";
import { createTargetsAdmin } from "./health-admin.ts";
import { createKeys } from "./keys.ts";
import { createAdmins } from "./keys-admins.ts";
import { createKeyStore } from "./keys-store.ts";
import { createLearned } from "./learned.ts";
import { createOrganisations } from "./organisations.ts";
import { createPromptHash } from "./prompt-hash.ts";
import { type Roots, rootsOf } from "./roots.ts";
import { createSettings } from "./settings.ts";
import type { Stores } from "./stores.ts";
import { createTelemetry } from "./telemetry.ts";
import { createTenants } from "./tenants.ts";
import { loadTokenizer } from "./tokenizers.ts";
import { createTrespass } from "./trespass.ts";
import { createUpstashServices, type UpstashServices } from "./upstash.ts";
import { createUpstream } from "./upstream.ts";
import { createUsageConsumer } from "./usage.ts";
import { createDeadLetters } from "./usage-dead-letters.ts";
import { createLedger } from "./usage-reads.ts";
import { createUsageReports } from "./usage-report.ts";

/** Only production binds a model runner; `wrangler dev` without an account cannot. */
type Bindings = Env & { readonly AI?: Ai };

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
  readonly stores: Stores;
  readonly shield: UpstashServices["shield"];
};

/** Where root secrets are missing nothing but /healthz is served; should anything be, nobody holds these. */
const nobodys = (): Roots => ({
  adminToken: new Secret(freshSecret()),
  masterKey: new Secret(freshSecret()),
  peppers: [new Secret(freshSecret())],
});

export const createPlatform = (env: Bindings, clock: Clock = createClock()): Platform => {
  const { DB: db, KV: kv } = env;
  const { allowPrivateUpstreams: allowPrivate } = variablesOf(env);
  const secrets = createSecrets(env);
  const roots = rootsOf(env) ?? nobodys();
  const parts = { db, kv, clock, roots, background: waitUntil };
  const settings = createSettings({ ...parts, secrets, allowPrivate, table: lookupModel });
  const canaries = createCanaries({
    objectOf: (name) => env.CANARY.getByName(name),
    clock,
    background: waitUntil,
  });
  const health = createHealth({
    clock,
    random: Math.random,
    objects: (name) => env.TARGET.getByName(name),
    background: waitUntil,
  });
  const upstash = createUpstashServices(env, parts);
  const organisations = createOrganisations({
    ...{ db, clock, random: Math.random, background: waitUntil },
    namespace: env.ORGANISATION,
    masterKey: roots.masterKey,
    queue: env.USAGE,
    shared: upstash.limits,
  });
  const { tellObject, tellTenant } = organisations;
  return {
    shield: upstash.shield,
    deps: {
      clock,
      random: Math.random,
      settings,
      keys: createKeys(parts),
      secrets,
      upstream: createUpstream({ allowPrivate }),
      workersAi: workersAiOf(env),
      telemetry: createTelemetry(),
      canaries,
      health,
      learned: createLearned(),
      once: organisations.once,
      limiter: organisations.limiter,
      account: organisations.account,
      promptHash: createPromptHash(roots.masterKey),
      loadTokenizer,
      createPipe: () => new IdentityTransformStream(),
      background: waitUntil,
    },
    stores: {
      settings,
      tenants: createTenants({ ...parts, tellObject, tellTenant }),
      keys: createKeyStore({ ...parts, tellObject }),
      admins: createAdmins(parts),
      trespass: createTrespass(parts),
      usage: createUsageReports({ db }),
      ledger: createLedger({ db, fresh: organisations.fresh }),
      deadLetters: createDeadLetters({ db, clock, consumer: createUsageConsumer({ db }) }),
      limitsOf: organisations.limitsOf,
      canaries,
      targets: createTargetsAdmin({
        ...{ db, clock, objects: (name) => env.TARGET.getByName(name) },
        refresh: health.refresh,
      }),
    },
  };
};
