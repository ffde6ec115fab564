/**
 * Decides: what health is made of, and what the objects of targets are called.
 * Never: asks one.
 */
import type { Clock, Random } from "../base/clock.ts";
import type { Target } from "../domain/target.ts";
import type { TargetCalls } from "./objects/target-calls.ts";

export type HealthParts = {
  readonly clock: Clock;
  readonly random: Random;
  /** The object of that name; asked for anew each time, because a broken one stays broken. */
  readonly objects: (name: string) => TargetCalls;
  readonly background: (work: Promise<unknown>) => void;
};

/** Names of configured things have no bar in them. */
export const objectNameOf = ({ provider, upstream, region }: Target): string =>
  `${provider}|${upstream}|${region ?? ""}`;
