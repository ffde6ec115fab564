/**
 * Decides: the rows about streams, and what is measured for each.
 * Never: says how a stream is relayed.
 */
import type { Ask } from "./lab.ts";
import {
  bothSides,
  cpuEach,
  cpuRatio,
  type Group,
  inBlocks,
  quantileOf,
  rateRatio,
  SECONDS,
} from "./measure.ts";

/** Eight at a time, as many as come; the CPU of a whole stream of 200 events. */
const cpuOf = (id: string, title: string, ask: Ask, atMost: number, any = true): Group => ({
  id,
  ...(any && { suitsAny: true }),
  rows: [{ title: `stream of 200 events, ${title}: CPU / floor`, unit: "×", bar: { atMost } }],
  measure: async (lab, round) => {
    const isPaced = ask.model.startsWith("paced");
    const shape = isPaced ? { connections: 32, count: 32 } : { connections: 8, seconds: SECONDS };
    return [cpuRatio(await bothSides(lab, round, { ...ask, stream: true }, shape))];
  },
});

export const STREAM_GROUPS: readonly Group[] = [
  cpuOf("burst", "same dialect, burst", { model: "burst-200" }, 2),
  cpuOf("batch", "same dialect, burst in chunks of 20", { model: "batch-200-20" }, 2),
  cpuOf("paced", "same dialect, paced 10 ms", { model: "paced-200-10" }, 2.5),
  cpuOf(
    "translated",
    "Anthropic → OpenAI, burst",
    { model: "burst-200", provider: "anthropic" },
    4,
    false,
  ),
  {
    id: "events",
    suitsAny: true,
    rows: [
      {
        title: "streamed events a second at 32 connections / floor",
        unit: "×",
        bar: { atLeast: 0.75 },
      },
    ],
    measure: async (lab, round) => {
      const shape = { connections: 32, seconds: SECONDS };
      return [rateRatio(await bothSides(lab, round, { model: "burst-200", stream: true }, shape))];
    },
  },
  {
    id: "first-byte",
    suitsAny: true,
    rows: [
      { title: "first byte of a stream, full − floor, p50", unit: "ms", bar: { atMost: 0.5 } },
    ],
    measure: async (lab) => {
      const { floor, full } = await inBlocks(lab, { model: "burst-200", stream: true });
      return [quantileOf(full.firstByteMs, 0.5) - quantileOf(floor.firstByteMs, 0.5)];
    },
  },
  {
    id: "event",
    rows: [
      { title: "one SSE event of 4 MB: CPU", unit: "ms", bar: { atMost: 150 } },
      { title: "one SSE event of 8 MB: CPU", unit: "ms", bar: { atMost: 150 } },
      { title: "8 MB / 4 MB: CPU", unit: "×", bar: { atMost: 2.5 } },
    ],
    measure: async (lab) => {
      const shape = { connections: 1, count: 10 };
      const ms = async (model: string): Promise<number> =>
        cpuEach(await lab.load("full", { model, stream: true }, shape)) * 1000;
      const four = await ms("event-4000000");
      const eight = await ms("event-8000000");
      return [four, eight, eight / four];
    },
  },
];
