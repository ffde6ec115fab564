/**
 * Decides: the rows about what grows – open streams, keys, models, rules – and what is measured for each.
 * Never: repeats one: they take long, and what they compare is in one process.
 */
import type { Group } from "./measure.ts";
import { measureMemory } from "./memory.ts";
import { measureRules } from "./rules.ts";
import { measureScale } from "./scale.ts";

export const GROWTH_GROUPS: readonly Group[] = [
  {
    id: "memory",
    isOnce: true,
    rows: [
      { title: "memory with 1,000 open streams, full / floor", unit: "×", bar: { atMost: 1.5 } },
    ],
    measure: measureMemory,
  },
  {
    id: "scale",
    isOnce: true,
    rows: [
      {
        title: "requests a second with 10,000 keys and 1,000 models / with 1 of each",
        unit: "×",
        bar: { atLeast: 0.95 },
      },
    ],
    measure: measureScale,
  },
  {
    id: "rules",
    isOnce: true,
    rows: [
      { title: "requests a second with 100 rules / with 1", unit: "×", bar: { atLeast: 0.95 } },
    ],
    measure: measureRules,
  },
];
