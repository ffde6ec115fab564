/**
 * Decides: which changes of a configuration send credentials, or what operators are told, to another address:
 * only an owner may.
 * Never: looks at what else changed.
 */
import { own } from "../../base/record.ts";
import { pathOf } from "./problems.ts";
import type { Config, Provider } from "./schema.ts";

/** The same address: as told, or that of the kind where none is told. */
const sameAddress = (before: Provider | undefined, after: Provider): boolean => {
  if (before === undefined) return after.base_url === undefined;
  if (after.base_url !== before.base_url) return false;
  return after.base_url !== undefined || after.kind === before.kind;
};

/** The path of each webhook that `before` does not know. */
const newWebhooks = (before: Config, after: Config): readonly string[] => {
  const known = new Set(before.alerts?.webhooks.map(({ url }) => url));
  return (after.alerts?.webhooks ?? []).flatMap(({ url }, index) =>
    known.has(url) ? [] : [pathOf(["alerts", "webhooks", index, "url"])],
  );
};

/** The path of each address of a provider that `after` adds, changes or takes away, and of each new webhook. */
export const addressChanges = (before: Config, after: Config): readonly string[] => [
  ...Object.entries(after.providers)
    .filter(([name, provider]) => !sameAddress(own(before.providers, name), provider))
    .map(([name]) => pathOf(["providers", name, "base_url"])),
  ...newWebhooks(before, after),
];
