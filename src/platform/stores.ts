/**
 * Decides: what the admin plane may ask of storage, and what both planes ask of it at the door.
 * Never: is reached by the data plane beyond the door.
 */
import type { Policy } from "../domain/config/schema.ts";
import type { CachePurge } from "./cache-purge.ts";
import type { CanaryReports } from "./canaries.ts";
import type { TargetsAdmin } from "./health-admin.ts";
import type { Admins } from "./keys-admins.ts";
import type { KeyStore } from "./keys-store.ts";
import type { Organisations } from "./organisations.ts";
import type { SettingsAdmin } from "./settings.ts";
import type { Tenants } from "./tenants.ts";
import type { Trespass } from "./trespass.ts";
import type { DeadLetters } from "./usage-dead-letters.ts";
import type { Ledger } from "./usage-reads.ts";
import type { UsageReports } from "./usage-report.ts";

/** At the door of both planes: who an admin is, and the note that a key was used on the wrong one. */
export type Gate = {
  readonly admins: Admins;
  readonly trespass: Trespass;
};

/** Each store is declared beside its implementation and joined here. */
export type Stores = Gate & {
  readonly settings: SettingsAdmin;
  readonly tenants: Tenants;
  readonly keys: KeyStore;
  readonly canaries: CanaryReports;
  readonly targets: TargetsAdmin;
  /** `config` is the policy of the configuration in force. */
  readonly limitsOf: (org: string, config: Policy) => ReturnType<Organisations["limitsOf"]>;
  readonly cache: CachePurge;
  readonly usage: UsageReports;
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
};
