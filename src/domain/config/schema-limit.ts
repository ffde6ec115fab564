/**
 * Decides: what one rule of a limit looks like, and which of its fields make sense together.
 * Never: counts anything; that is src/policy/limits.
 */
import * as z from "zod";
import { RULE_MAX_WAIT_MS, RULE_TIMEZONE } from "./defaults.ts";
import { Pattern, TagKey } from "./names.ts";
import { ruleKind } from "./rule-kind.ts";

const isTimezone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format(0) !== "";
  } catch {
    return false;
  }
};

const RuleFields = z.lazy(() =>
  z.strictObject({
    unit: z.enum(["requests", "tokens", "usd", "concurrent"]),
    per: z.exactOptional(z.enum(["minute", "hour", "day", "month"])),
    max: z.number().min(0).max(1_000_000_000_000),
    kind: z.exactOptional(z.enum(["bucket", "sliding", "leaky", "calendar"])),
    burst: z.exactOptional(z.number().gt(0).max(1_000_000_000_000)),
    max_wait_ms: z.exactOptional(
      z.int().min(0).max(60_000).meta({ default: RULE_MAX_WAIT_MS, description: "leaky: ms" }),
    ),
    timezone: z.exactOptional(
      z
        .string()
        .regex(/^[A-Za-z0-9_+/-]{1,64}$/, "not a time zone")
        .refine(isTimezone, "not a time zone of the IANA database")
        .meta({ default: RULE_TIMEZONE }),
    ),
    level: z.exactOptional(
      z.union([z.enum(["org", "team", "user", "key"]), z.templateLiteral(["tag:", TagKey])]),
    ),
    when: z.exactOptional(
      z.strictObject({
        stream: z.exactOptional(z.boolean()),
        models: z.exactOptional(z.array(Pattern)),
        endpoints: z.exactOptional(
          z.array(z.enum(["chat", "messages", "embeddings", "responses"])),
        ),
      }),
    ),
    store: z.exactOptional(z.enum(["object", "upstash"]).meta({ default: "object" })),
  }),
);
type RuleFields = z.infer<typeof RuleFields>;

/** Fields that contradict one another, each with what is wrong. */
function contradictions(rule: RuleFields): readonly (readonly [keyof RuleFields, string])[] {
  const kind = ruleKind(rule);
  const slots = rule.unit === "concurrent";
  const found: (readonly [keyof RuleFields, string])[] = [];
  const refuse = (when: boolean, field: keyof RuleFields, message: string): void => {
    if (when) found.push([field, message]);
  };
  refuse(slots && rule.per !== undefined, "per", "concurrent counts no window: leave `per` out");
  refuse(slots && rule.kind !== undefined, "kind", "concurrent counts no window: leave `kind` out");
  refuse(!slots && rule.per === undefined, "per", "required: minute, hour, day or month");
  refuse(
    rule.per === "month" && kind !== "calendar",
    "kind",
    "a month has no fixed length: only calendar counts it",
  );
  for (const field of ["max", "burst"] as const) {
    const broken = !Number.isInteger(rule[field] ?? 0);
    refuse(rule.unit !== "usd" && broken, field, "must be a whole number");
  }
  refuse(kind !== "bucket" && rule.burst !== undefined, "burst", "only a bucket has a burst");
  refuse(
    kind !== "leaky" && rule.max_wait_ms !== undefined,
    "max_wait_ms",
    "only a leaky bucket makes requests wait",
  );
  refuse(
    rule.store === "upstash" &&
      (kind !== "sliding" || (rule.unit !== "requests" && rule.unit !== "tokens")),
    "store",
    "upstash counts sliding windows of requests or tokens only",
  );
  refuse(
    kind !== "calendar" && rule.timezone !== undefined,
    "timezone",
    "only calendar windows have a time zone",
  );
  return found;
}

export const Rule = z.lazy(() =>
  RuleFields.superRefine((rule, context) => {
    for (const [field, message] of contradictions(rule)) {
      context.addIssue({ code: "custom", path: [field], message });
    }
  }),
);
