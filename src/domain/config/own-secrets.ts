/**
 * Decides: which of the Worker's secrets are the gateway's own.
 * Never: reads one. Apart from names.ts because every start needs it, and needs no schema.
 */

/** None of these may be read by the configuration: they are the gateway's own. */
export const ROOT_SECRETS = ["ADMIN_TOKEN", "KEY_PEPPER", "MASTER_KEY"] as const;
export const OWN_SECRETS: ReadonlySet<string> = new Set([
  ...ROOT_SECRETS,
  "KEY_PEPPER_PREVIOUS",
  "UPSTASH_REDIS_REST_TOKEN",
]);
