/**
 * Decides: how a rule of the configuration counts where it does not say so itself.
 * Never: checks a rule; that is schema-limit.ts, which needs a schema, and a request needs none.
 */

/** As far as it decides that: the fields of a rule, as the schema lets them through. */
type Counted = {
  readonly unit: "requests" | "tokens" | "usd" | "concurrent";
  readonly per?: "minute" | "hour" | "day" | "month";
  readonly kind?: "bucket" | "sliding" | "leaky" | "calendar";
};

/** How a rule counts: what it says, or what follows from unit and window; a slot has no window. */
export function kindOf(rule: Counted): Counted["kind"] {
  if (rule.kind !== undefined || rule.unit === "concurrent") return rule.kind;
  if (rule.per === "day" || rule.per === "month") return "calendar";
  return rule.unit === "requests" ? "bucket" : "sliding";
}
