/**
 * Decides: which sections are refused when they are switched on, because nothing honours them yet.
 * Never: refuses a section that is off. Whoever builds a feature deletes its line here.
 */
import { type PathKey, type Problem, pathOf } from "./problems.ts";
import type { Config, Mode, Policy } from "./schema.ts";

type Feature<T> = (document: T) => readonly (readonly PathKey[])[];

const active = (section: { readonly mode: Mode } | undefined): boolean =>
  section !== undefined && section.mode !== "off";
const when = (says: boolean, ...path: PathKey[]): readonly (readonly PathKey[])[] =>
  says ? [path] : [];

const POLICY: readonly Feature<Policy>[] = [
  (policy) => when(active(policy.guards?.pii), "guards", "pii", "mode"),
  (policy) => when(active(policy.guards?.injection), "guards", "injection", "mode"),
  (policy) => when(active(policy.guards?.secrets), "guards", "secrets", "mode"),
  (policy) => when(active(policy.audit), "audit", "mode"),
];

const problem = (path: readonly PathKey[]): Problem => ({
  path: pathOf(path),
  message: "this feature is not part of this version: leave it out or switch it off",
});

export const notBuiltInPolicy = (policy: Policy): Problem[] =>
  POLICY.flatMap((feature) => feature(policy)).map(problem);

export const notBuilt = (config: Config): Problem[] => [
  ...POLICY.flatMap((feature) => feature(config.policy ?? {})).map((path) =>
    problem(["policy", ...path]),
  ),
];
