/**
 * Decides: whether a whole configuration, or a policy of somebody's own, may take effect: well formed, in
 * agreement, and nothing switched on that is not there.
 * Never: takes a part of either. One fault refuses all of it.
 */
import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import type { AddressRules } from "./base-url.ts";
import { notBuilt, notBuiltInPolicy } from "./not-built.ts";
import { type Problem, problemsOfError } from "./problems.ts";
import { checkReferences } from "./references.ts";
import { type Config, ConfigSchema, PolicySchema } from "./schema.ts";

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

/** Characters of JSON. Policies are published with each key and held by the thousand in an isolate. */
const MAX_POLICY = 100_000;

/**
 * The policy of an organisation, team, user or key: of a reasonable size, with no feature that is not there.
 * Names of models are not looked up: they may come and go with later configurations.
 */
export const UsablePolicy = z.lazy(() =>
  PolicySchema.superRefine((policy, context) => {
    if (JSON.stringify(policy).length > MAX_POLICY) {
      context.addIssue({ code: "custom", message: `longer than ${MAX_POLICY} characters of JSON` });
    }
    for (const { path, message } of notBuiltInPolicy(policy)) {
      context.addIssue({ code: "custom", path: [path], message });
    }
  }),
);
