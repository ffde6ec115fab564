/**
 * Decides: how the stores of the admin plane are built, from what the data plane has built already.
 * Never: is loaded before the admin plane is first asked for something: only through a dynamic import.
 */
import { createCachePurge } from "./cache-purge.ts";
import type { CanaryReports } from "./canaries.ts";
import { createTargetsAdmin, type TargetsAdminParts } from "./health-admin.ts";
import { createKeyStore } from "./keys-store.ts";
import type { Organisations } from "./organisations.ts";
import type { Roots } from "./roots.ts";
import { createSettings, type SettingsParts } from "./settings.ts";
import { standingRules } from "./standing-rules.ts";
import type { Gate, Stores } from "./stores.ts";
import { createTenants } from "./tenants.ts";
import { createUsageConsumer } from "./usage.ts";
import { createDeadLetters } from "./usage-dead-letters.ts";
import { createLedger } from "./usage-reads.ts";
import { createUsageReports } from "./usage-report.ts";

export type StoreParts = SettingsParts &
  TargetsAdminParts & {
    readonly kv: KVNamespace;
    readonly roots: Roots;
    readonly gate: Gate;
    readonly canaries: CanaryReports;
    readonly organisations: Pick<Organisations, "tellObject" | "tellTenant" | "limitsOf" | "fresh">;
  };

export const createStores = (parts: StoreParts): Stores => {
  const { db, clock, gate, canaries } = parts;
  const { tellObject, tellTenant, limitsOf, fresh } = parts.organisations;
  return {
    ...gate,
    settings: createSettings(parts),
    tenants: createTenants({ ...parts, tellObject, tellTenant }),
    keys: createKeyStore({ ...parts, tellObject }),
    canaries,
    targets: createTargetsAdmin(parts),
    limitsOf: (org, config) => limitsOf(org, (met) => standingRules(db, org, config, met)),
    cache: createCachePurge({ ...parts, tellObject }),
    usage: createUsageReports({ db }),
    ledger: createLedger({ db, fresh }),
    deadLetters: createDeadLetters({ db, clock, consumer: createUsageConsumer({ db }) }),
  };
};
