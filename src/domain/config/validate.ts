/**
 * Decides: whether a whole document may take effect: well formed, in agreement, and nothing
 * switched on that is not there.
 * Never: takes a part of a document. One fault refuses all of it.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { AddressRules } from "./base-url.ts";
import { notBuilt, notBuiltInPolicy } from "./not-built.ts";
import { type Problem, problemsOfError } from "./problems.ts";
import { checkReferences } from "./references.ts";
import { type Config, ConfigSchema, type Policy, PolicySchema } from "./schema.ts";

/** A configuration, or everything that is wrong with it (at least one problem). */
export function parseConfig(
  document: unknown,
  rules: AddressRules,
): Result<Config, readonly Problem[]> {
  const parsed = ConfigSchema.safeParse(document);
  if (!parsed.success) return err(problemsOfError(parsed.error));
  const problems = [...checkReferences(parsed.data, rules), ...notBuilt(parsed.data)];
  return problems.length > 0 ? err(problems) : ok(parsed.data);
}

/**
 * The policy of an organisation, team, user or key. Names of models are not looked up: they may
 * come and go with later configurations.
 */
export function parsePolicy(document: unknown): Result<Policy, readonly Problem[]> {
  const parsed = PolicySchema.safeParse(document);
  if (!parsed.success) return err(problemsOfError(parsed.error));
  const problems = notBuiltInPolicy(parsed.data);
  return problems.length > 0 ? err(problems) : ok(parsed.data);
}
