/**
 * Decides: targets, bodies and reserves for tests of what is held, all of it plain.
 * Never: is a test.
 */
import { readJson } from "../../../src/base/json-body.ts";
import { DIALECTS } from "../../../src/dialects/index.ts";
import { BREAKER, TIMEOUTS } from "../../../src/domain/config/defaults.ts";
import type { DialectName } from "../../../src/domain/dialect-name.ts";
import type { Target } from "../../../src/domain/target.ts";
import { type Held, holdFor, type Unheld } from "../../../src/policy/limits/hold.ts";
import { NO_EXPECTATION } from "../../../src/policy/limits/learned-sizes.ts";
import type { Reserve } from "../../../src/policy/limits/reserve.ts";
import { type Sized, type Sizes, sizesOf } from "../../../src/policy/limits/sizes.ts";
import { readingOf } from "../../../src/policy/routing/request/reading.ts";

export const targetOf = (more: Partial<Target> = {}): Target => ({
  model: "m",
  provider: "p",
  kind: "openai",
  dialect: "openai-chat",
  upstream: "gpt-4o",
  baseUrl: undefined,
  credentials: [],
  headers: {},
  timeouts: TIMEOUTS,
  maxRetries: 2,
  price: { input: 1_000_000, output: 4_000_000 },
  context: 128_000,
  maxOutput: 16_384,
  capabilities: new Set(),
  tier: undefined,
  region: undefined,
  breaker: BREAKER,
  limits: [],
  ...more,
});

const DOORS = {
  "openai-chat": "chat",
  "anthropic-messages": "messages",
  gemini: "chat",
} as const;

export const sizesFor = (
  body: Record<string, unknown>,
  dialect: DialectName = "openai-chat",
  endpoint: Sized["endpoint"] = DOORS[dialect],
): Sizes => {
  const read = readJson(JSON.stringify(body));
  if (!read.ok) throw new Error("the test's body is no JSON object");
  return sizesOf({
    endpoint,
    dialect,
    body: read.value,
    reading: readingOf(dialect, read.value.value),
    canonical: () => DIALECTS[dialect].request.decode(read.value.value),
  });
};

export const said = (
  text: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> => ({
  messages: [{ role: "user", content: text }],
  ...more,
});

export const STRICT: Reserve = {
  strict: true,
  strictUsd: true,
  binding: true,
  mostTokens: Number.POSITIVE_INFINITY,
  mostNanoUsd: Number.POSITIVE_INFINITY,
};
export const STRICT_TOKENS: Reserve = { ...STRICT, strictUsd: false };
export const BALANCED: Reserve = { ...STRICT, strict: false, strictUsd: false };

const CLAUDE = { kind: "anthropic", dialect: "anthropic-messages", upstream: "claude-opus-4-8" };
export const claude = (more: Partial<Target> = {}): Target =>
  targetOf({ ...(CLAUDE as Partial<Target>), ...more });
/** 400 characters and about a hundred tokens. */
export const PROMPT = "tide and time ".repeat(28).padEnd(400, ".");

export const outcome = (
  target: Target,
  sizes: Sizes,
  reserve: Reserve | undefined,
  exactly = false,
): Held | Unheld => {
  const held = holdFor(target, sizes, reserve, NO_EXPECTATION, exactly);
  return held.ok ? held.value : held.error;
};
export const held = (...given: Parameters<typeof outcome>): Held => {
  const found = outcome(...given);
  if (typeof found === "string") throw new Error(found);
  return found;
};
