/**
 * Decides: what a policy looks like: the sections that may stand above, and at, every level.
 * Never: merges levels. An absent section is off.
 */
import * as z from "zod";
import { MOST_TAGS } from "../tag.ts";
import { BUDGET_ROUTING, CACHE, LIMITS, SEMANTIC_CACHE } from "./defaults.ts";
import { Name, NameList, Pattern, TagKey } from "./names.ts";
import { Rule } from "./schema-limit.ts";

/** `shadow` decides, records in the ledger row, and changes nothing for the caller. */
export const Mode = z.lazy(() => z.enum(["off", "shadow", "on"]));

const share = z.lazy(() => z.number().min(0).max(1));
const seconds = z.lazy(() => z.int().min(1).max(31_536_000));
const Patterns = z.lazy(() => z.array(Pattern).max(1_000));

const Limits = z.lazy(() =>
  z.strictObject({
    mode: Mode,
    soft: z.exactOptional(share.meta({ default: LIMITS.soft })),
    reserve: z.exactOptional(z.enum(["strict", "balanced"]).meta({ default: LIMITS.reserve })),
    store_down: z.exactOptional(
      z.enum(["closed", "open_local"]).meta({ default: LIMITS.store_down }),
    ),
    budget_status: z.exactOptional(
      z.union([z.literal(402), z.literal(429)]).meta({ default: LIMITS.budget_status }),
    ),
    rules: z.array(Rule).max(100),
  }),
);

const Budget = z.lazy(() =>
  z
    .strictObject({
      alert: z.exactOptional(share.meta({ default: BUDGET_ROUTING.alert })),
      hard: z.exactOptional(share.meta({ default: BUDGET_ROUTING.hard })),
      middle: NameList,
      cheapest: NameList,
    })
    .refine(
      (budget) => (budget.alert ?? BUDGET_ROUTING.alert) < (budget.hard ?? BUDGET_ROUTING.hard),
      { path: ["hard"], message: "must be above `alert`" },
    ),
);

const Semantic = z.lazy(() =>
  z.strictObject({
    mode: Mode,
    embedder: z.exactOptional(
      Name.meta({
        default: SEMANTIC_CACHE.embedder,
        description: "lexical, or an embedding model",
      }),
    ),
    index: z.exactOptional(z.enum(["object", "vectorize"]).meta({ default: SEMANTIC_CACHE.index })),
    threshold: z.exactOptional(z.number().gt(0).max(1).meta({ default: SEMANTIC_CACHE.threshold })),
    max_error: z.exactOptional(share),
    verify: z.exactOptional(
      share.meta({ default: SEMANTIC_CACHE.verify, description: "share of hits re-asked" }),
    ),
    ttl: z.exactOptional(seconds),
    max_entries: z.exactOptional(
      z.int().min(1).max(1_000_000).meta({ default: SEMANTIC_CACHE.max_entries }),
    ),
  }),
);

const Cache = z.lazy(() =>
  z.strictObject({
    mode: Mode,
    locked: z.exactOptional(z.boolean()),
    scope: z.exactOptional(z.enum(["org", "team", "user", "key"]).meta({ default: CACHE.scope })),
    when: z.exactOptional(z.enum(["deterministic", "always"]).meta({ default: CACHE.when })),
    ttl: z.exactOptional(seconds.meta({ default: CACHE.ttl, description: "seconds" })),
    models: z.exactOptional(Patterns),
    semantic: z.exactOptional(Semantic),
  }),
);

const Guard = z.lazy(() => z.strictObject({ mode: Mode }));

export const Policy = z.lazy(() =>
  z.strictObject({
    limits: z.exactOptional(Limits),
    models: z.exactOptional(
      z.strictObject({ allow: z.exactOptional(Patterns), deny: z.exactOptional(Patterns) }),
    ),
    tags: z.exactOptional(
      z.strictObject({ required: z.exactOptional(z.array(TagKey).max(MOST_TAGS)) }),
    ),
    routing: z.exactOptional(
      z.strictObject({
        mode: Mode,
        locked: z.exactOptional(z.boolean()),
        budget: z.exactOptional(Budget),
      }),
    ),
    cache: z.exactOptional(Cache),
    guards: z.exactOptional(
      z.strictObject({
        pii: z.exactOptional(Guard),
        injection: z.exactOptional(Guard),
        secrets: z.exactOptional(Guard),
      }),
    ),
    audit: z.exactOptional(
      z.strictObject({
        mode: Mode,
        body: z.exactOptional(z.enum(["none", "encrypted"])),
        days: z.exactOptional(z.int().min(1).max(3_650)),
      }),
    ),
  }),
);
