/**
 * Decides: which rules of the policies above a request hold for it, for whom each one counts, and under
 * which name its count is kept.
 * Never: counts, and never looks at targets: `when.models` goes along as `models`.
 */
import { nanoUsd } from "../../base/money.ts";
import { own } from "../../base/record.ts";
import { LIMITS, RULE_MAX_WAIT_MS, RULE_TIMEZONE } from "../../domain/config/defaults.ts";
import { ruleKind } from "../../domain/config/rule-kind.ts";
import type { Policy } from "../../domain/config/schema.ts";
import type { Endpoint } from "../../domain/endpoint.ts";
import type { LimitLevel, LimitRule } from "../../domain/limit.ts";
import type { PolicyLevel, PolicyPlace } from "../../domain/tenant.ts";
import { ruleName } from "./rule-name.ts";

export type Subject = {
  readonly org: string;
  readonly team: string | undefined;
  /** Whose key it is. */
  readonly user: string | undefined;
  /** Whom the caller names; wins over the key's own user wherever users are counted. */
  readonly endUser: string | undefined;
  /** The lineage of the key: a rotated key goes on with its counts. */
  readonly key: string;
  readonly tags: Readonly<Record<string, string>>;
};

export type RuledRequest = {
  readonly endpoint: Endpoint;
  readonly stream: boolean;
};

type Limits = NonNullable<Policy["limits"]>;
type Rule = Limits["rules"][number];

/** A rule as far as it does not depend on the request. `name` is its id but for whom it counts. */
export type Compiled = {
  readonly when: Rule["when"];
  readonly name: string;
  readonly fields: Omit<LimitRule, "id" | "subject">;
};

const fieldsOf = (rule: Rule, limits: Limits, place: PolicyPlace): Compiled["fields"] => {
  const amount = (value: number): number => (rule.unit === "usd" ? nanoUsd(value) : value);
  const max = amount(rule.max);
  return {
    level: rule.level ?? (place === "config" ? "key" : place),
    unit: rule.unit,
    kind: ruleKind(rule),
    per: rule.per,
    max,
    burst: rule.burst === undefined ? max : amount(rule.burst),
    maxWaitMs: rule.max_wait_ms ?? RULE_MAX_WAIT_MS,
    timezone: rule.timezone ?? RULE_TIMEZONE,
    mode: limits.mode === "shadow" ? "shadow" : "on",
    soft: limits.soft ?? LIMITS.soft,
    strict: (limits.reserve ?? LIMITS.reserve) === "strict",
    budgetStatus: limits.budget_status ?? LIMITS.budget_status,
    storeDown: limits.store_down ?? LIMITS.store_down,
    store: rule.store ?? "object",
    models: rule.when?.models,
  };
};

const compile = ({ limits }: Policy, place: PolicyPlace): readonly Compiled[] => {
  if (limits === undefined || limits.mode === "off") return [];
  const seen = new Map<string, number>();
  return limits.rules.map((rule) => {
    const fields = fieldsOf(rule, limits, place);
    const plain = ruleName(place, fields, rule.when);
    // Rules that differ in nothing but their numbers: told apart by their order.
    const ordinal = seen.get(plain) ?? 0;
    seen.set(plain, ordinal + 1);
    return { when: rule.when, name: ordinal === 0 ? plain : `${plain}#${ordinal}`, fields };
  });
};

/** A policy stays the same object for as long as its version or its key's record is kept. */
const compiled = new WeakMap<Policy, Map<PolicyPlace, readonly Compiled[]>>();

/** The rules of one policy. */
export const compiledAt = ({ place, policy }: PolicyLevel): readonly Compiled[] => {
  let places = compiled.get(policy);
  if (places === undefined) {
    places = new Map();
    compiled.set(policy, places);
  }
  let found = places.get(place);
  if (found === undefined) {
    found = compile(policy, place);
    places.set(place, found);
  }
  return found;
};

/** Whom a rule of that level counts. Undefined where the request has no such subject. */
const countedBy = (level: LimitLevel, subject: Subject): string | undefined => {
  switch (level) {
    case "org":
      return subject.org;
    case "team":
      return subject.team;
    case "user":
      return subject.endUser ?? subject.user;
    case "key":
      return subject.key;
    default: {
      const tag = level.slice("tag:".length);
      return own(subject.tags, tag);
    }
  }
};

/** Whose policy it is: a team's rule for tags counts apart from another team's. */
const ownerOf = (place: PolicyPlace, { org, team, user, key }: Subject): string => {
  const owners = { config: "", org, team: team ?? "", user: user ?? "", key };
  return owners[place];
};

const applies = (when: Rule["when"], endpoint: string, stream: boolean): boolean => {
  if (when === undefined) return true;
  if (when.stream !== undefined && when.stream !== stream) return false;
  return when.endpoints === undefined || when.endpoints.some((one) => one === endpoint);
};

/**
 * Every level's rules, in the order of the policies. Counting tokens is a request to `messages`. Ids are
 * unique within an organisation, those of rules that are kept outside it everywhere; they are free of
 * `max`, `burst` and the section's settings, so that an edit keeps what was counted.
 */
export const rulesFor = (
  policies: readonly PolicyLevel[],
  subject: Subject,
  { endpoint, stream }: RuledRequest,
): readonly LimitRule[] => {
  const rules: LimitRule[] = [];
  const door = endpoint === "count_tokens" ? "messages" : endpoint;
  for (const placed of policies) {
    const found = compiledAt(placed);
    if (found.length === 0) continue;
    const owner = ownerOf(placed.place, subject);
    for (const { when, name, fields } of found) {
      const counted = countedBy(fields.level, subject);
      if (counted === undefined || !applies(when, door, stream)) continue;
      const whose = counted === owner ? "" : `${owner.length}:${owner}`;
      const tenant = fields.store === "object" ? "" : `${subject.org.length}:${subject.org}|`;
      const id = `${tenant}${name}|${whose}|${counted}`;
      rules.push({ ...fields, id, subject: counted });
    }
  }
  return rules;
};
