/**
 * Decides: which configuration documents are well formed (config.md as code).
 * Never: fills in a default or looks at the environment; a document stays as it was written.
 */
import * as z from "zod";
import { Name, SecretRef } from "./names.ts";
import type { Rule as RuleSchema } from "./schema-limit.ts";
import type { Mode as ModeSchema } from "./schema-policy.ts";
import { Policy as PolicySchema } from "./schema-policy.ts";
import { Model as ModelSchema, Provider as ProviderSchema } from "./schema-provider.ts";
import {
  Canary as CanarySchema,
  Resilience as ResilienceSchema,
  Route as RouteSchema,
} from "./schema-route.ts";

const Webhook = z.lazy(() =>
  z.strictObject({ url: z.string().min(1).max(1_024), secret: SecretRef }),
);

export const ConfigSchema = z.lazy(() =>
  z.strictObject({
    default_model: z.exactOptional(Name),
    providers: z.record(Name, ProviderSchema),
    models: z.record(Name, ModelSchema),
    routes: z.exactOptional(z.record(Name, RouteSchema)),
    fallbacks: z.exactOptional(
      z.record(z.union([z.literal("*"), Name]), z.array(Name).max(100)).meta({
        description: "per model or route, or * for all others: what is tried after it, in order",
      }),
    ),
    canaries: z.exactOptional(z.array(CanarySchema).max(100)),
    policy: z.exactOptional(PolicySchema),
    resilience: z.exactOptional(ResilienceSchema),
    alerts: z.exactOptional(z.strictObject({ webhooks: z.array(Webhook).max(16) })),
  }),
);

export { PolicySchema };

export type Config = z.infer<typeof ConfigSchema>;
export type Policy = z.infer<typeof PolicySchema>;
export type Provider = z.infer<typeof ProviderSchema>;
export type Model = z.infer<typeof ModelSchema>;
export type Route = z.infer<typeof RouteSchema>;
export type Canary = z.infer<typeof CanarySchema>;
export type Resilience = z.infer<typeof ResilienceSchema>;
export type Mode = z.infer<typeof ModeSchema>;
export type Rule = z.infer<typeof RuleSchema>;
