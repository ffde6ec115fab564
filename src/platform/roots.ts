/**
 * Decides: whether the secrets that everything rests on are there, and who may hold them.
 * Never: makes up a default. Without all of them no request but /healthz is answered.
 */
import { Secret } from "../base/secret.ts";
import { ROOT_SECRETS } from "../domain/config/own-secrets.ts";
import { textOf } from "./env.ts";

export type Roots = {
  readonly adminToken: Secret;
  readonly masterKey: Secret;
  /** The pepper that new keys are kept under, then the one before it where it is still accepted. */
  readonly peppers: readonly [Secret, ...Secret[]];
};

/** The names of the root secrets that are unset or empty. */
export const missingRoots = (env: object): string[] =>
  ROOT_SECRETS.filter((name) => textOf(env, name) === undefined);

/** The root secrets; undefined where `missingRoots` names one. */
export function rootsOf(env: object): Roots | undefined {
  const adminToken = textOf(env, "ADMIN_TOKEN");
  const masterKey = textOf(env, "MASTER_KEY");
  const pepper = textOf(env, "KEY_PEPPER");
  if (adminToken === undefined || masterKey === undefined || pepper === undefined) return undefined;
  const previous = textOf(env, "KEY_PEPPER_PREVIOUS");
  return {
    adminToken: new Secret(adminToken),
    masterKey: new Secret(masterKey),
    peppers: [new Secret(pepper), ...(previous === undefined ? [] : [new Secret(previous)])],
  };
}
