/**
 * Decides: a configuration, a request and a state of health for routing's tests, all of it plain.
 * Never: has a clock or chance of its own; `random` always gives one half unless a test says otherwise.
 */

import { ConfigSchema } from "../../../src/domain/config/schema.ts";
import { compile, type Snapshot } from "../../../src/domain/config/snapshot.ts";
import type { DialectName } from "../../../src/domain/dialect-name.ts";
import type { Target } from "../../../src/domain/target.ts";
import type { Asked, Facts } from "../../../src/policy/routing/asked.ts";
import type { Candidate } from "../../../src/policy/routing/candidate.ts";
import { scoreOf } from "../../../src/policy/routing/complexity/score.ts";
import type { TargetHealth } from "../../../src/policy/routing/health.ts";
import { type Plan, plan } from "../../../src/policy/routing/plan.ts";
import { readingOf } from "../../../src/policy/routing/request/reading.ts";

export const NOW = 1_800_000_000_000;

export const snapshotOf = (config: Record<string, unknown>): Snapshot =>
  compile(
    ConfigSchema.parse({
      providers: { p: { kind: "demo" }, q: { kind: "demo" }, r: { kind: "demo" } },
      ...config,
    }),
    { version: 1, table: () => undefined },
  );

const WELL: TargetHealth = {
  state: "closed",
  until: undefined,
  ramp: 1,
  firstTokenMs: 300,
  totalMs: 2_000,
  inFlight: 0,
  lastSeenAt: NOW - 1_000,
  recentFailures: 0,
};

export const well = (more: Partial<TargetHealth> = {}): TargetHealth => ({ ...WELL, ...more });

export const down = (ms: number): TargetHealth =>
  well({ state: "open", until: NOW + ms, recentFailures: 5 });

type Asking = Partial<Omit<Asked, "reading">> & {
  readonly dialect?: DialectName;
  readonly body?: Record<string, unknown>;
};

const HI = { messages: [{ role: "user", content: "hi" }] };

export const ask = ({ dialect = "openai-chat", body = HI, ...more }: Asking = {}): Asked => ({
  reading: readingOf(dialect, body),
  model: undefined,
  fallback: undefined,
  policies: [],
  identity: { user: undefined, session: undefined, key: "key00000" },
  stream: false,
  embeddings: false,
  serves: () => true,
  ...more,
});

export const facts = (
  more: Partial<Omit<Facts, "health">> & {
    readonly health?: Readonly<Record<string, TargetHealth>>;
  } = {},
): Facts => {
  const { health = {}, ...rest } = more;
  return {
    now: NOW,
    random: () => 0.5,
    spendRatio: 0,
    turn: () => 0,
    judge: scoreOf,
    health: (model) => health[model],
    ...rest,
  };
};

/** The plan's models and how it came about; the failure where there is none. */
export const planned = (
  snapshot: Snapshot,
  asked: Asking,
  given: Parameters<typeof facts>[0] = {},
) => {
  const result = plan(snapshot, ask(asked), facts(given));
  if (!result.ok) return result.error;
  const { targets, ...rest }: Plan = result.value;
  return {
    ...rest,
    models: targets.map(({ model }) => model),
  };
};

export const targetOf = (model: string, more: Partial<Target> = {}): Target => {
  const target = snapshotOf({ models: { [model]: { provider: "p" } } }).targets.get(model);
  if (target === undefined) throw new Error("no target");
  return { ...target, ...more };
};

export const candidateOf = (
  model: string,
  more: Partial<Target> & { readonly weight?: number; readonly health?: TargetHealth } = {},
): Candidate => {
  const { weight = 1, health, ...target } = more;
  return { target: targetOf(model, target), weight, health };
};
