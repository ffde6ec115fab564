/**
 * Decides: whether the number of limits above a key changes what a request costs.
 * Never: has a limit that is met.
 */
import { type Lab, request } from "./lab.ts";
import { medianOf, rate, SECONDS } from "./measure.ts";

const RULES = 100;
const ROUNDS = 5;
/** The first requests of a key go to its organisation's object one by one; here it is what comes after them that counts. */
const WARM = { connections: 32, count: 200 };

/** All of them hold for each request. Rules that differ in nothing but their order are rules of their own. */
const rules = (count: number): object => ({
  limits: {
    mode: "on",
    rules: Array.from({ length: count }, () => ({
      unit: "requests",
      per: "hour",
      max: 1_000_000_000,
    })),
  },
});

/** Requests a second of a key below a hundred rules, over those of a key below one. */
export const measureRules = async (lab: Lab): Promise<readonly number[]> => {
  const loads = [1, RULES].map(async (count) => {
    await lab.full.makeOrg(`rules-${count}`, rules(count));
    const key = await lab.full.makeKey(`rules-${count}`);
    return [request(lab.full.url, "full", { model: "whole" }, { key })];
  });
  const [one = [], many = []] = await Promise.all(loads);
  const shape = { connections: 32, seconds: SECONDS };
  const ratios: number[] = [];
  const rateOf = async (requests: readonly string[]): Promise<number> => {
    await lab.loadWorker(lab.full, requests, WARM);
    return rate(await lab.loadWorker(lab.full, requests, shape));
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const small = await rateOf(one);
    ratios.push((await rateOf(many)) / small);
  }
  return [medianOf(ratios)];
};
