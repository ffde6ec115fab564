/**
 * Decides: nothing: objects of targets in memory and isolates that call them, for tests in plain Node. The
 * machines are the real ones; the way between is slow, or broken where a test says so.
 */

import type { Clock } from "../../src/base/clock.ts";
import { BREAKER } from "../../src/domain/config/defaults.ts";
import type { Target } from "../../src/domain/target.ts";
import { createHealth, type RefreshableHealth } from "../../src/platform/health.ts";
import type { TargetCalls } from "../../src/platform/objects/target-calls.ts";
import {
  createTargetCore,
  type Kept,
  type TargetCore,
} from "../../src/platform/objects/target-core.ts";
import type { QuotaState } from "../../src/policy/resilience/quota.ts";
import { chanceFrom } from "./chance.ts";
import type { VirtualTime } from "./virtual-time.ts";

export const targetNamed = (name: string, more: Partial<Target> = {}): Target => ({
  model: name,
  provider: "p",
  kind: "openai",
  dialect: "openai-chat",
  upstream: name,
  baseUrl: undefined,
  credentials: [],
  headers: {},
  timeouts: {
    headers_ms: 10_000,
    first_token_ms: 12_000,
    idle_ms: 20_000,
    response_ms: 120_000,
    total_ms: 600_000,
  },
  maxRetries: 2,
  price: undefined,
  context: undefined,
  maxOutput: undefined,
  capabilities: new Set(),
  tier: undefined,
  region: undefined,
  breaker: BREAKER,
  limits: [],
  ...more,
});

/** Milliseconds; how long a word takes from an isolate to an object and back. */
const FASTEST = 4;
const SLOWEST = 80;

export type World = {
  readonly objects: Map<string, TargetCore>;
  /** Words that were sent to objects, by kind. */
  readonly sent: Record<keyof TargetCalls, number>;
  /** While true nobody reaches an object. */
  down: boolean;
  /** Milliseconds that each word takes longer. */
  delay: number;
  /** A new isolate, with a clock of its own where one is given. */
  isolate(clock?: Clock): RefreshableHealth;
  /** Puts an object away; what it had not stored is gone. */
  evict(target: Target): void;
};

export const createWorld = (time: VirtualTime, seed: number): World => {
  const random = chanceFrom(seed);
  const stored = new Map<string, { kept?: Kept; quota?: QuotaState }>();

  const made = (name: string): TargetCore => {
    const saved = stored.get(name) ?? {};
    stored.set(name, saved);
    const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
    return createTargetCore(
      {
        kept: saved.kept,
        quota: saved.quota,
        keep: (kept) => Object.assign(saved, { kept: copy(kept) }),
        keepQuota: (quota) => Object.assign(saved, { quota: copy(quota) }),
        flushSoon: () => {},
      },
      time.now,
      random,
    );
  };
  const core = (name: string): TargetCore => {
    const known = world.objects.get(name) ?? made(name);
    world.objects.set(name, known);
    return known;
  };

  /** The object `name` as it is reached from afar. */
  const remote = (name: string): TargetCalls => {
    const over = async <T>(kind: keyof TargetCalls, call: () => Promise<T>): Promise<T> => {
      world.sent[kind] += 1;
      const way = FASTEST + random() * (SLOWEST - FASTEST) + world.delay;
      await time.sleep(way / 2);
      if (world.down) throw new Error("the object cannot be reached");
      const answer = await call();
      await time.sleep(way / 2);
      return answer === undefined ? answer : (JSON.parse(JSON.stringify(answer)) as T);
    };
    return {
      report: (report) => over("report", () => core(name).report(report)),
      probe: (rules, leaseMs) => over("probe", () => core(name).probe(rules, leaseMs)),
      renew: (rules, epoch, leaseMs) =>
        over("renew", () => core(name).renew(rules, epoch, leaseMs)),
      take: (taking) => over("take", () => core(name).take(taking)),
    };
  };

  const world: World = {
    objects: new Map(),
    sent: { report: 0, probe: 0, renew: 0, take: 0 },
    down: false,
    delay: 0,
    isolate: (clock = time) =>
      createHealth({ clock, random, objects: remote, background: () => {} }),
    evict: ({ provider, upstream, region }) => {
      world.objects.delete(`${provider}|${upstream}|${region ?? ""}`);
    },
  };
  return world;
};
