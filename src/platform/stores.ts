/**
 * Decides: what the admin plane may ask of storage.
 * Never: is reached by the data plane, but for the note that a key was used on the wrong one.
 */
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

/** Each store is declared beside its implementation and joined here. */
export type Stores = {
  readonly settings: SettingsAdmin;
  readonly tenants: Tenants;
  readonly keys: KeyStore;
  readonly admins: Admins;
  readonly canaries: CanaryReports;
  readonly targets: TargetsAdmin;
  readonly trespass: Trespass;
  readonly limitsOf: Organisations["limitsOf"];
  readonly usage: UsageReports;
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
};
