/**
 * Decides: which strategies there are. A name added to the schema makes the compiler point here.
 * Never: holds `complexity`, which chooses between lists and not within one (../complexity/tiers.ts).
 */
import type { Route } from "../../../domain/config/schema.ts";
import type { Strategy } from "../candidate.ts";
import { leastBusy } from "./least-busy.ts";
import { lowestCost } from "./lowest-cost.ts";
import { lowestLatency } from "./lowest-latency.ts";
import { priority } from "./priority.ts";
import { roundRobin } from "./round-robin.ts";
import { weighted } from "./weighted.ts";

export type StrategyName = Exclude<Route["strategy"], "complexity">;

export const STRATEGIES: Readonly<Record<StrategyName, Strategy>> = {
  priority,
  "round-robin": roundRobin,
  weighted,
  "lowest-latency": lowestLatency,
  "lowest-cost": lowestCost,
  "least-busy": leastBusy,
};
