/**
 * Decides: what a provider, its models and their time limits look like in a configuration.
 * Never: says whether an address may be called; that is base-url.ts.
 */
import * as z from "zod";
import { CAPABILITIES, type ProviderKind, TIERS } from "../target.ts";
import { MAX_RETRIES, REASONING_FIRST_TOKEN_MS, TIMEOUTS } from "./defaults.ts";
import { isForwardableHeader } from "./header-names.ts";
import { Name, SecretRef, UpstreamName } from "./names.ts";
import { PROVIDER_KINDS } from "./provider-kinds.ts";

const HOUR_MS = 3_600_000;
const milliseconds = (standard: number, waitsFor: string) =>
  z.exactOptional(
    z
      .int()
      .min(1)
      .max(HOUR_MS)
      .meta({ default: standard, description: `ms; ${waitsFor}` }),
  );

export const Timeouts = z.lazy(() =>
  z.strictObject({
    headers_ms: milliseconds(TIMEOUTS.headers_ms, "streams: until the response's headers"),
    first_token_ms: milliseconds(
      TIMEOUTS.first_token_ms,
      `streams: until the first content; ${REASONING_FIRST_TOKEN_MS} for reasoning models`,
    ),
    idle_ms: milliseconds(TIMEOUTS.idle_ms, "streams: between two events"),
    response_ms: milliseconds(TIMEOUTS.response_ms, "non-stream: until the response's headers"),
    total_ms: milliseconds(TIMEOUTS.total_ms, "all attempts together"),
  }),
);

export const MaxRetries = z.lazy(() =>
  z
    .int()
    .min(0)
    .max(10)
    .meta({ default: MAX_RETRIES, description: "repeats on the same target after its first try" }),
);

const HeaderName = z.lazy(() =>
  z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, "not a header's name")
    .refine(isForwardableHeader, "this header is the gateway's own and cannot be set"),
);
const HeaderValue = z.lazy(() =>
  z
    .string()
    .regex(/^[\x20-\x7e]{1,1024}$/, "a header's value has 1 to 1024 printable ASCII characters"),
);

const KINDS = Object.keys(PROVIDER_KINDS) as [ProviderKind, ...ProviderKind[]];

export const Provider = z.lazy(() =>
  z.strictObject({
    kind: z.enum(KINDS),
    base_url: z.exactOptional(
      z.string().min(1).max(512).meta({
        description:
          "openai and its look-alikes: up to and with /v1; anthropic, gemini: the origin",
      }),
    ),
    api_key: z.exactOptional(
      z.union([SecretRef, z.array(SecretRef).min(1).max(16)]).meta({
        description: "several: the next takes over when one is refused or out of quota",
      }),
    ),
    headers: z.exactOptional(z.record(HeaderName, HeaderValue)),
    timeouts: z.exactOptional(Timeouts),
    max_retries: z.exactOptional(MaxRetries),
  }),
);

const usd = z.lazy(() => z.number().min(0).max(1_000_000));
const optionalUsd = z.lazy(() => z.exactOptional(usd));
const tokens = z.lazy(() => z.int().min(1).max(1_000_000_000));

const Price = z.lazy(() =>
  z
    .strictObject({
      input: usd,
      output: usd,
      cache_read: optionalUsd,
      cache_write: optionalUsd,
      cache_write_1h: optionalUsd,
      reasoning: optionalUsd,
      audio_input: optionalUsd,
      audio_output: optionalUsd,
      image: optionalUsd,
      request: optionalUsd,
      above: z.exactOptional(z.strictObject({ tokens, input: usd, output: usd })),
    })
    .meta({ description: "USD per million tokens; image, request: USD each" }),
);

export const CapabilityName = z.lazy(() => z.enum(CAPABILITIES));

const Quota = z.lazy(() =>
  z.strictObject({
    unit: z.enum(["requests", "tokens"]),
    per: z.enum(["minute", "hour", "day"]),
    max: z.int().min(1),
    share: z.exactOptional(
      z.number().gt(0).max(1).meta({ description: "the most that one organisation may take" }),
    ),
  }),
);

export const Model = z.lazy(() =>
  z.strictObject({
    provider: Name,
    upstream: z.exactOptional(UpstreamName.meta({ description: "omitted: the model's own name" })),
    price: z.exactOptional(Price),
    context: z.exactOptional(tokens),
    max_output: z.exactOptional(tokens),
    capabilities: z.exactOptional(z.array(CapabilityName)),
    tier: z.exactOptional(z.enum(TIERS)),
    region: z.exactOptional(Name),
    limits: z.exactOptional(z.array(Quota).max(16).meta({ description: "the provider's quota" })),
    timeouts: z.exactOptional(Timeouts),
    max_retries: z.exactOptional(MaxRetries),
  }),
);
