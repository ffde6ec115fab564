/**
 * Decides: how a rule of the configuration counts where it does not say so itself.
 * Never: checks a rule; that is schema-limit.ts, which needs a schema, and a request needs none.
 */
import type { LimitKind, LimitPeriod, LimitUnit } from "../limit.ts";

/** The fields of a rule that decide it, as the schema lets them through. */
type Counted = {
  readonly unit: LimitUnit;
  readonly per?: LimitPeriod;
  readonly kind?: Exclude<LimitKind, "slots">;
};

/** What a rule says, or what follows from its unit and window. */
export function ruleKind({ unit, per, kind }: Counted): LimitKind {
  if (kind !== undefined) return kind;
  if (unit === "concurrent") return "slots";
  if (per === "day" || per === "month") return "calendar";
  return unit === "requests" ? "bucket" : "sliding";
}
