import { describe, expect, it } from "vitest";
import type { Heard } from "../../failover/caller.ts";
import { judge } from "../../failover/judge.ts";
import type { Scenario, Seen, Timing } from "../../failover/scenario.ts";
import { SCENARIOS } from "../../failover/scenarios.ts";
import { TEXT } from "../support/upstream-answer.ts";

const TIMING: Timing = {
  pace: 15,
  slowFirstToken: 20_000,
  stall: 30_000,
  silence: 120_000,
  outage: 60_000,
  every: 4_000,
};

const WHOLE: Heard = {
  status: 200,
  headers: new Headers(),
  text: TEXT,
  finishes: ["stop"],
  isDone: true,
  error: undefined,
  usage: { prompt_tokens: 25, completion_tokens: 60 },
  told: {},
  isHung: false,
  ms: 900,
};
const CUT = { text: TEXT.slice(0, 40), finishes: [], isDone: false };
const REFUSED = { ...CUT, text: "", status: 400 };

const scenario = (id: string): Scenario => {
  const found = SCENARIOS.find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
};

const gradeOf = (id: string, heard: Partial<Heard>, tries: Partial<Seen> = {}): string => {
  const seen = { heard: [{ ...WHOLE, ...heard }], primary: [0], fallback: [], fallbackName: "f" };
  return judge(scenario(id), { ...seen, ...tries }, TIMING, true).grade;
};

describe("a grade", () => {
  it.each([
    ["pass", "a whole answer", "S08", {}, {}],
    ["partial", "a whole answer after too many tries", "S06", {}, { primary: [0, 9] }],
    ["partial", "a whole answer that came too late", "S07", { ms: 15_001 }, {}],
    ["safe", "a clean error", "S08", { ...CUT, error: "stream_interrupted" }, {}],
    ["fail", "a hang", "S08", { ...CUT, isHung: true }, {}],
    ["fail", "an answer that is cut and says nothing", "S08", CUT, {}],
    ["fail", "a cut answer that ends like a success", "S08", { text: CUT.text }, {}],
    ["fail", "an altered answer", "S08", { text: `${TEXT}!` }, {}],
    ["fail", "an error after which the stream ends well", "S08", { error: "x" }, {}],
    ["fail", "a whole answer without its end", "S11", { isDone: false }, {}],
    [
      "pass",
      "a filter's refusal that is told",
      "S13",
      { ...REFUSED, error: "content_filtered" },
      {},
    ],
    ["fail", "a filter's refusal that is routed around", "S13", {}, { fallback: [9] }],
    ["fail", "a refused prefill that is told", "S14", { ...CUT, error: "invalid_parameter" }, {}],
    ["partial", "a primary that is not given its time", "S01", {}, { primary: [0, 900] }],
    ["partial", "a fallback instead of the second try", "S03", {}, { fallback: [9] }],
    ["partial", "a dead primary that is not used again", "S15", {}, { primary: [0] }],
    ["pass", "a primary that is used again", "S15", {}, { primary: [0, 64_000] }],
    ["partial", "a primary that is used again too late", "S15", {}, { primary: [0, 91_000] }],
  ] as const)("%s: %s", (grade, _what, id, heard, tries) => {
    expect(gradeOf(id, heard, tries)).toBe(grade);
  });
});
