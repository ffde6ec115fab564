/**
 * Decides: where scenarios are played: the served gateway between two upstreams on ports of their own, with
 * providers and models of its own for every scenario, so that none sees another's breaker.
 * Never: judges.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type FaultUpstream, startFaultUpstream } from "../test/support/fault-upstream.ts";
import { type Gateway, startGateway } from "../test/support/gateway.ts";
import { type Heard, hear } from "./caller.ts";
import { isWhole, judge, type Verdict } from "./judge.ts";
import type { Scenario, Seen, Timing } from "./scenario.ts";

export const MODES = ["continue", "hold"] as const;
export type Mode = (typeof MODES)[number];

export type Result = Verdict & {
  readonly id: string;
  readonly mode: Mode;
  readonly fault: string;
  readonly primary: number;
  readonly fallback: number;
  readonly seconds: number;
};

export type Staging = {
  readonly scenarios: readonly Scenario[];
  readonly timing: Timing;
  /** The `resilience` section; absent: all defaults. */
  readonly resilience?: object;
  /** Whether ceilings of time count. */
  readonly clocked: boolean;
};

export type Lab = {
  play(scenario: Scenario, mode: Mode): Promise<Result>;
  dispose(): Promise<void>;
};

const ORG = "failover";
const SECRETS = { PRIMARY_KEY: "sk-test-primary", FALLBACK_KEY: "sk-test-fallback" };

/** Longer than the longest bound of the table. */
const PATIENCE_MS = 150_000;
/** A healthy answer takes its sixty words' time; "at once" leaves it no room for a second try. */
const AT_ONCE_MS = 3_000;

type Names = Record<"primary" | "fallback" | "primaryUpstream" | "fallbackUpstream", string>;

const namesOf = ({ id, ...scenario }: Scenario, mode: Mode, timing: Timing): Names => {
  const label = `${id.toLowerCase()}-${mode}`;
  const conduct = (name: string): string => `${name}-pace-${timing.pace}--${label}`;
  return {
    primary: `${label}-primary`,
    fallback: `${label}-fallback`,
    primaryUpstream: conduct(scenario.primary(timing)),
    fallbackUpstream: conduct(scenario.fallback ?? "ok"),
  };
};

const configFor = (
  { scenarios, timing, resilience }: Staging,
  primary: FaultUpstream,
  fallback: FaultUpstream,
): object => {
  const providers: Record<string, object> = {};
  const models: Record<string, object> = {};
  const fallbacks: Record<string, string[]> = {};
  const price = { input: 1, output: 2, cache_read: 1 };
  for (const scenario of scenarios) {
    for (const mode of MODES) {
      const names = namesOf(scenario, mode, timing);
      const provider = (upstream: FaultUpstream, secret: string): object => ({
        kind: "openai",
        base_url: `${upstream.url}/v1`,
        api_key: { secret },
      });
      providers[names.primary] = provider(primary, "PRIMARY_KEY");
      providers[names.fallback] = provider(fallback, "FALLBACK_KEY");
      models[names.primary] = {
        provider: names.primary,
        upstream: names.primaryUpstream,
        price,
        ...scenario.primaryModel,
      };
      models[names.fallback] = {
        provider: names.fallback,
        upstream: names.fallbackUpstream,
        price,
        ...scenario.fallbackModel,
      };
      fallbacks[names.primary] = [names.fallback];
    }
  }
  return { providers, models, fallbacks, ...(resilience !== undefined && { resilience }) };
};

export const startLab = async (staging: Staging): Promise<Lab> => {
  const { timing, clocked } = staging;
  const [primary, fallback, gateway] = await Promise.all([
    startFaultUpstream(),
    startFaultUpstream(),
    startGateway({ secrets: SECRETS }),
  ]);
  await gateway.putConfig(configFor(staging, primary, fallback));
  await gateway.makeOrg(ORG);
  const key = await gateway.makeKey(ORG);

  const ask = (model: string, mode: Mode, patienceMs: number): Promise<Heard> =>
    hear({
      url: gateway.url,
      key,
      model,
      headers: mode === "continue" ? {} : { "x-headgate-recovery": mode },
      patienceMs,
    });

  const play = async (scenario: Scenario, mode: Mode): Promise<Result> => {
    const names = namesOf(scenario, mode, timing);
    const began = Date.now();
    const asked = Array.from({ length: scenario.requests ?? 1 }, async (_, index) => {
      await pause(index * timing.every);
      return ask(names.primary, mode, PATIENCE_MS);
    });
    const heard = await Promise.all(asked);
    const seconds = (Date.now() - began) / 1_000;
    const at = (upstream: FaultUpstream, model: string): readonly number[] =>
      upstream.to(model).map((received) => received.at - began);
    const seen: Seen = {
      heard,
      primary: at(primary, names.primaryUpstream),
      fallback: at(fallback, names.fallbackUpstream),
      fallbackName: names.fallback,
    };
    const verdict = judge(scenario, seen, timing, clocked);
    primary.heal(names.primaryUpstream);
    fallback.heal(names.fallbackUpstream);
    const after = await ask(names.primary, mode, clocked ? AT_ONCE_MS : PATIENCE_MS);
    const isWell = isWhole(after);
    return {
      id: scenario.id,
      mode,
      fault: scenario.fault,
      grade: isWell ? verdict.grade : "fail",
      why: isWell ? verdict.why : [...verdict.why, "the healthy call afterwards failed"],
      primary: seen.primary.length,
      fallback: seen.fallback.length,
      seconds,
    };
  };

  return { play, dispose: () => disposeAll(gateway, primary, fallback) };
};

const disposeAll = async (
  gateway: Gateway,
  ...upstreams: readonly FaultUpstream[]
): Promise<void> => {
  await Promise.all([gateway, ...upstreams].map((one) => one.dispose()));
};
