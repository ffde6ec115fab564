/**
 * Decides: the sixteen faults of the published failover suite, and the conduct that each asks for.
 * Never: grades; judge.ts does, by one rule for all.
 */
import type { Scenario, Seen, Timing } from "./scenario.ts";

const tries = ({ primary, fallback }: Seen): number => primary.length + fallback.length;

const triesWithin = ({ primary, fallback }: Seen, ms: number): number => {
  const all = [...primary, ...fallback];
  const first = Math.min(...all);
  return all.filter((at) => at - first <= ms).length;
};

const oneTry = (seen: Seen): readonly (string | false)[] => [
  seen.primary.length !== 1 && "the primary was tried again",
];

const USAGE = { prompt_tokens: 25, completion_tokens: 60 };

const usageIsTold = ({ heard }: Seen): boolean =>
  heard.every(
    ({ usage }) =>
      usage?.["prompt_tokens"] === USAGE.prompt_tokens &&
      usage["completion_tokens"] === USAGE.completion_tokens,
  );

/** USD at the lab's price for one answer, of one try. */
const ONE_ANSWER_USD = (USAGE.prompt_tokens * 1 + USAGE.completion_tokens * 2) / 1e6;

const fallbackIsNamed = ({ heard, fallbackName }: Seen): boolean =>
  heard.every(
    ({ headers, told }) =>
      headers.get("x-headgate-model") === fallbackName && told?.["model"] === fallbackName,
  );

const isBilledOnce = ({ heard }: Seen): boolean =>
  heard.every(({ told }) => Math.abs(Number(told?.["cost_usd"]) - ONE_ANSWER_USD) < 1e-9);

/** Six until the breaker has opened, then one a cooldown of twelve seconds or more. */
const FEW_TRIES_OF_A_DEAD_PRIMARY = 10;

const outage = (seen: Seen, { outage: length }: Timing): readonly (string | false)[] => {
  const [began = 0] = seen.primary;
  const recovered = began + length;
  const again = seen.primary.find((at) => at >= recovered);
  const during = seen.primary.filter((at) => at < recovered).length;
  return [
    again === undefined && "the primary was not used again",
    again !== undefined && again - recovered > length / 2 && "the primary was used again too late",
    during > FEW_TRIES_OF_A_DEAD_PRIMARY && `${during} tries of a dead primary`,
  ];
};

export const SCENARIOS: readonly Scenario[] = [
  {
    id: "S01",
    fault: "429 with Retry-After 2 once, then healthy",
    primary: () => "status-429-ra-2-once",
    shortfalls: (seen) => {
      const [first = 0, second = 0] = seen.primary;
      return [
        seen.primary.length !== 2 && "the primary was not tried once more",
        second - first < 1_800 && "the primary was not given its time",
        triesWithin(seen, 1_500) > 2 && "too many tries in 1.5 s",
      ];
    },
  },
  {
    id: "S02",
    fault: "429 always, no Retry-After",
    primary: () => "status-429",
    shortfalls: (seen) => [
      triesWithin(seen, 3_000) > 4 && "too many tries in 3 s",
      tries(seen) > 6 && "too many tries",
    ],
  },
  {
    id: "S03",
    fault: "500 once",
    primary: () => "status-500-once",
    shortfalls: (seen) => [
      (seen.primary.length !== 2 || seen.fallback.length > 0) && "the second try was elsewhere",
    ],
  },
  {
    id: "S04",
    fault: "503 always",
    primary: () => "status-503",
    shortfalls: (seen) => [tries(seen) > 6 && "too many tries"],
  },
  { id: "S05", fault: "reset before headers, once", primary: () => "reset-before-headers-once" },
  {
    id: "S06",
    fault: "accepts, then silent",
    primary: ({ silence }) => `silent-for-${silence}`,
    within: 100,
    shortfalls: oneTry,
  },
  {
    id: "S07",
    fault: "headers at once, first token late",
    primary: ({ slowFirstToken }) => `slow-first-token-${slowFirstToken}`,
    within: 15,
  },
  { id: "S08", fault: "cut after 40 tokens", primary: () => "drop-after-40" },
  {
    id: "S09",
    fault: "silent after 20 tokens, then closed",
    primary: ({ stall }) => `stall-after-20-for-${stall}`,
    within: 45,
  },
  {
    id: "S10",
    fault: "tenth event is invalid JSON, the stream goes on",
    // One event opens the stream, eight carry a token each.
    primary: () => "bad-json-event-8",
    shortfalls: (seen) => [
      (seen.primary.length !== 1 || seen.fallback.length > 0) && "the rest came from elsewhere",
    ],
  },
  {
    id: "S11",
    fault: "complete, [DONE] missing",
    primary: () => "no-done-open",
    within: 8,
    shortfalls: (seen) => [!usageIsTold(seen) && "usage was not reported"],
  },
  {
    id: "S12",
    fault: "400 context_length_exceeded, the fallback's context is larger",
    primary: () => "context-400",
    primaryModel: { context: 4_096 },
    fallbackModel: { context: 200_000 },
    shortfalls: oneTry,
  },
  {
    id: "S13",
    fault: "400 content_policy_violation",
    primary: () => "content-filter-400",
    mustTell: "content_filtered",
    shortfalls: (seen) => [
      ...oneTry(seen),
      seen.fallback.length > 0 && "the refusal was routed around",
    ],
  },
  {
    id: "S14",
    fault: "cut after 40 tokens, the fallback refuses an assistant message last",
    primary: () => "drop-after-40",
    fallback: "prefill-400",
    // Said to support it, so that it is asked to and refuses.
    fallbackModel: { capabilities: ["prefill"] },
    neverTell: "invalid_parameter",
  },
  {
    id: "S15",
    fault: "503 for a while, then healthy; twenty requests",
    primary: (timing) => `down-for-${timing.outage}`,
    requests: 20,
    shortfalls: outage,
  },
  {
    id: "S16",
    fault: "503 always: what is reported and billed",
    primary: () => "status-503",
    shortfalls: (seen) => [
      tries(seen) > 6 && "too many tries",
      !fallbackIsNamed(seen) && "the fallback's name was not reported",
      !usageIsTold(seen) && "the fallback's usage was not reported",
      !isBilledOnce(seen) && "failed tries were billed",
    ],
  },
];
