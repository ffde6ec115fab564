/**
 * Decides: how the Worker's variables and secrets are read: unset, empty and blank are one thing.
 * Never: hands a root secret to anybody who asks for a secret by name.
 */
import { Secret } from "../base/secret.ts";
import { OWN_SECRETS } from "../domain/config/own-secrets.ts";
import type { Secrets } from "../ports.ts";

/** The text bound to `name`; undefined where it is unset, blank, or no text at all (a binding). */
export function textOf(env: object, name: string): string | undefined {
  const value: unknown = Object.hasOwn(env, name) ? Reflect.get(env, name) : undefined;
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

export type Variables = {
  /** Whether a base URL may point at loopback and private addresses; set by `npm start` only. */
  readonly allowPrivateUpstreams: boolean;
  /** Hosts that the gateway answers to, lower case; undefined is every well-formed one. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Requests a minute of one client that the edge shield lets through; 0 is no shield. */
  readonly edgeLimitPerMinute: number;
};

/** Ten a second for a minute: no program with one key needs more from one address, a flood does. */
const EDGE_LIMIT_PER_MINUTE = 600;
const WHOLE_NUMBER = /^\d{1,9}$/;

export function variablesOf(env: object): Variables {
  const hosts = textOf(env, "ALLOWED_HOSTS")
    ?.split(",")
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== "");
  const edge = textOf(env, "EDGE_LIMIT_PER_MINUTE")?.trim() ?? "";
  return {
    allowPrivateUpstreams: textOf(env, "ALLOW_PRIVATE_UPSTREAMS") === "true",
    allowedHosts: hosts === undefined || hosts.length === 0 ? undefined : hosts,
    edgeLimitPerMinute: WHOLE_NUMBER.test(edge) ? Number(edge) : EDGE_LIMIT_PER_MINUTE,
  };
}

/** The secrets that a configuration may refer to. */
export function createSecrets(env: object): Secrets {
  return {
    get(name) {
      const value = OWN_SECRETS.has(name) ? undefined : textOf(env, name);
      return value === undefined ? undefined : new Secret(value);
    },
  };
}
