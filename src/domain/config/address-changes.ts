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

const movedProviders = (before: Config, after: Config): readonly string[] =>
  Object.entries(after.providers)
    .filter(([name, provider]) => !sameAddress(own(before.providers, name), provider))
    .map(([name]) => pathOf(["providers", name, "base_url"]));

/** The names of the secrets that a provider's address is sent; none where the address is its kind's own. */
const secretsSent = ({ base_url, api_key }: Provider): readonly string[] =>
  base_url === undefined ? [] : [api_key ?? []].flat().map(({ secret }) => secret);

/**
 * Whoever has a server that an owner has named could otherwise have any provider's key sent there: by its
 * name alone, and in two steps where it had to be named nowhere else before.
 */
const newSecrets = (before: Config, after: Config): readonly string[] =>
  Object.entries(after.providers).flatMap(([name, provider]) => {
    const old = own(before.providers, name);
    const known = new Set(old === undefined ? [] : secretsSent(old));
    const isNew = secretsSent(provider).some((secret) => !known.has(secret));
    return isNew ? [pathOf(["providers", name, "api_key"])] : [];
  });

/** The path of each webhook that `before` does not know. */
const newWebhooks = (before: Config, after: Config): readonly string[] => {
  const known = new Set(before.alerts?.webhooks.map(({ url }) => url));
  return (after.alerts?.webhooks ?? []).flatMap(({ url }, index) =>
    known.has(url) ? [] : [pathOf(["alerts", "webhooks", index, "url"])],
  );
};

/**
 * The path of each address of a provider that `after` adds, changes or takes away, of each credential that a
 * provider's own address has not been sent before, and of each new webhook.
 */
export const addressChanges = (before: Config, after: Config): readonly string[] => [
  ...movedProviders(before, after),
  ...newSecrets(before, after),
  ...newWebhooks(before, after),
];
