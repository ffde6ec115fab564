/**
 * Decides: which fault a model's name asks for.
 * Never: touches a socket. A name may end in `-once`, `-times-N`, `-pace-MS` and `--LABEL` (in this order); a
 * label only keeps the counts of two tests apart.
 */
import { BYTE_FAULTS } from "./upstream-byte-faults.ts";
import { FAULTS } from "./upstream-faults.ts";
import type { Scene, Step } from "./upstream-script.ts";
import * as script from "./upstream-script.ts";

const compiled = [...FAULTS, ...BYTE_FAULTS].map(([pattern, play]) => ({
  matches: new RegExp(`^${pattern.replaceAll("N", "(\\d+)")}$`),
  play,
}));

const NAME =
  /^(?<fault>.*?)(?:-(?<once>once)|-times-(?<times>\d+))?(?:-pace-(?<pace>\d+))?(?:--.*)?$/;

export type Ask = Omit<Scene, "paceMs">;

/**
 * The script for one request; undefined where the model's name asks for nothing in the table. A model that
 * `isHealed` keeps its pace and has lost its fault.
 */
export const scriptFor = (ask: Ask, isHealed = false): Step[] | undefined => {
  const { fault = "", once, times, pace } = NAME.exec(ask.asked.model)?.groups ?? {};
  const scene: Scene = { ...ask, paceMs: Number(pace ?? 0) };
  const limit = once === undefined ? Number(times ?? Number.POSITIVE_INFINITY) : 1;
  for (const { matches, play } of compiled) {
    const found = matches.exec(fault);
    if (found === null) continue;
    return isHealed || ask.attempt > limit
      ? script.healthy(scene)
      : play(scene, found.slice(1).map(Number));
  }
  return undefined;
};
