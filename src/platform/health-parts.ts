/**
 * Decides: what health is made of, and how long anybody waits for an object.
 * Never: throws for an object that cannot be reached.
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

/** What was asked for; undefined where it failed or took longer than `ms`. */
export const within = async <T>(
  clock: Clock,
  ms: number,
  ask: () => Promise<T>,
): Promise<T | undefined> => {
  let cancel = (): void => {};
  const late = new Promise<undefined>((resolve) => {
    cancel = clock.after(ms, () => resolve(undefined));
  });
  const asked = (async () => ask())().catch(() => undefined);
  const answer = await Promise.race([asked, late]);
  cancel();
  return answer;
};
