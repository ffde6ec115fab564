import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, ORG, startJourney } from "../support/journey.ts";
import { expectAtRest, type Row as LedgerRow, rowOf } from "../support/ledger.ts";
import { INPUT_TOKENS, TOKENS } from "../support/upstream-answer.ts";
import {
  allOf,
  askCase,
  CANARIES,
  type FaultCase,
  fallbackOf,
  fallbackTriesOf,
  sectionsFor,
  told,
  triesOf,
  WHOLE,
  waysOf,
} from "../support/upstream-cases.ts";

const AFTER = 12;
const SENT = TOKENS.slice(0, AFTER).join("");

type Row = {
  /** Of faults.md. */
  readonly f: string;
  readonly fault: string;
  readonly code?: string;
  readonly phase?: string;
};

/** What can happen to a stream after twelve tokens of its answer. */
const ROWS: readonly Row[] = [
  { f: "F4", fault: `stall-after-${AFTER}`, phase: "idle" },
  { f: "F14", fault: `error-event-after-${AFTER}` },
  { f: "F15", fault: `end-after-${AFTER}` },
  { f: "F15", fault: `drop-after-${AFTER}` },
  { f: "F15", fault: `cut-after-${AFTER}` },
  { f: "F16", fault: `half-frame-${AFTER}` },
  { f: "F16", fault: `invalid-utf8-${AFTER}` },
  { f: "F17", fault: `huge-event-after-${AFTER}-of-9000000`, code: "upstream_invalid" },
  { f: "F22", fault: `slow-loris-after-${AFTER}-every-100`, phase: "idle" },
];
const DEADLINE: Row = { f: "F5", fault: "ok-pace-100", phase: "total" };

const MODES = ["error", "continue", "hold"] as const;

type Case = Row & FaultCase;

const casesOf = (row: Row, label: string): readonly Case[] =>
  waysOf(row.fault, { streams: [true], label }).map((one: FaultCase) => ({ ...row, ...one }));
const CASES = {
  error: ROWS.flatMap((row) => casesOf(row, "error")),
  continue: ROWS.flatMap((row) => casesOf(row, "continue")),
  hold: ROWS.flatMap((row) => casesOf(row, "hold")),
};
const DEADLINES = MODES.flatMap((mode) =>
  casesOf(DEADLINE, mode).map((one) => ({ ...one, recovery: mode })),
);

const alone = ({ hasFallback }: Case): boolean => !hasFallback;
const backed = ({ hasFallback }: Case): boolean => hasFallback;

let journey: Journey;
beforeAll(async () => {
  const cases = [...Object.values(CASES).flat(), ...DEADLINES];
  journey = await startJourney({
    counted: true,
    config: (upstream) => ({
      ...sectionsFor(upstream, cases),
      resilience: { max_retries: 0, timeouts: { idle_ms: 1_500 } },
    }),
  });
});
afterAll(() => journey?.dispose());

const ask = async (row: Case, recovery: string, headers: Record<string, string> = {}) => {
  const response = await askCase(journey, row, { "x-headgate-recovery": recovery, ...headers });
  const text = await response.text();
  expect(response.headers.get("x-request-id")).toMatch(/./);
  expect(allOf(response, text)).not.toMatch(CANARIES);
  return { response, text, kept: await rowOf(journey, response.headers.get("x-request-id")) };
};

/** What is paid for a whole answer, where one came after what broke off. */
const WHOLE_ANSWER = { input: INPUT_TOKENS, output: TOKENS.length };
const NO_ANSWER = { input: 0, output: 0 };

/**
 * The input and what was streamed of an answer that broke off is paid, as nobody but us counts it; Anthropic
 * tells its input at the beginning. Beside it the answer that came after, as its provider counts it.
 */
const isCharged = (row: Case, kept: LedgerRow, after = NO_ANSWER, streamed = AFTER): void => {
  const input = (kept.input_tokens ?? 0) - after.input;
  const output = (kept.output_tokens ?? 0) - after.output;
  expect(kept["estimated"]).toBe(true);
  if (row.endpoint === "messages") expect(input).toBe(INPUT_TOKENS);
  else expect(input).toBeGreaterThan(0);
  expect(input).toBeLessThanOrEqual(INPUT_TOKENS);
  expect(output).toBeGreaterThanOrEqual(streamed);
  expect(output).toBeLessThanOrEqual(AFTER * 1.5);
  expect(kept["cost_usd"]).toBeCloseTo(
    ((kept.input_tokens ?? 0) + 2 * (kept.output_tokens ?? 0)) / 1e6,
    9,
  );
};

const endsInError = (row: Case, text: string): void => {
  const heard = told(text, row);
  expect(heard).toMatchObject({ text: SENT, isEnded: false });
  expect(heard.error).toMatchObject({
    code: row.code ?? "stream_interrupted",
    ...(row.phase !== undefined && { details: { phase: row.phase } }),
  });
  expect(text.trimEnd().split("\n\n").at(-1)).toContain('"error"');
};

const isLetGoOf = (row: Case): Promise<void> =>
  eventually(() =>
    triesOf(journey, row).every(
      ({ abortedAt, finishedAt }) => (abortedAt ?? finishedAt) !== undefined,
    ),
  );

describe("recovery error", () => {
  it.concurrent.each(CASES.error)("$f $name: what came, then an error frame", async (row) => {
    const { text, kept } = await ask(row, "error");
    endsInError(row, text);
    const code = row.code ?? "stream_interrupted";
    expect(kept).toMatchObject({ status: 200, error_code: code, attempts: 1, fallback_from: null });
    isCharged(row, kept);
    expect(fallbackTriesOf(journey, row)).toEqual([]);
    await isLetGoOf(row);
  });
});

describe("recovery continue", () => {
  it.concurrent.each(CASES.continue.filter(backed))("$f $name: the answer goes on", async (row) => {
    const { response, text, kept } = await ask(row, "continue");
    const recovered = { from: row.name, to: fallbackOf(row), at_chars: SENT.length };
    expect(kept).toMatchObject({ status: 200, error_code: null, attempts: 2, recovered });
    expect(kept).toMatchObject({ fallback_from: row.name, model: fallbackOf(row) });
    isCharged(row, kept, WHOLE_ANSWER);
    const heard = told(text, row);
    expect(heard).toMatchObject({ ...WHOLE, isEnded: true });
    expect(heard.headgate).toMatchObject({
      model: fallbackOf(row),
      provider: fallbackOf(row),
      attempts: 2,
      recovered,
    });
    expect(response.headers.get("x-headgate-model")).toBe(row.name);
    expect(fallbackTriesOf(journey, row)).toHaveLength(1);
    await isLetGoOf(row);
  });

  it.concurrent.each(CASES.continue.filter(alone))("$f $name: an error frame", async (row) => {
    const { text, kept } = await ask(row, "continue");
    endsInError(row, text);
    expect(kept).toMatchObject({ status: 200, error_code: row.code ?? "stream_interrupted" });
    isCharged(row, kept);
    await isLetGoOf(row);
  });
});

describe("recovery hold", () => {
  it.concurrent.each(CASES.hold.filter(backed))("$f $name: one whole answer", async (row) => {
    const { response, text, kept } = await ask(row, "hold");
    expect(kept).toMatchObject({ status: 200, error_code: null, attempts: 2 });
    expect(kept).toMatchObject({ fallback_from: row.name, model: fallbackOf(row) });
    isCharged(row, kept, WHOLE_ANSWER);
    expect(told(text, row)).toMatchObject({ ...WHOLE, isEnded: true });
    expect(response.headers.get("x-headgate-model")).toBe(fallbackOf(row));
    expect(response.headers.get("x-headgate-attempts")).toBe("2");
    await isLetGoOf(row);
  });

  it.concurrent.each(CASES.hold.filter(alone))("$f $name: a status", async (row) => {
    const { response, text, kept } = await ask(row, "hold");
    const { error } = JSON.parse(text);
    const code = row.endpoint === "chat" ? error.code : expect.any(String);
    expect(kept).toMatchObject({ status: response.status, error_code: code, attempts: 1 });
    isCharged(row, kept);
    expect(response.status).toBe(row.phase === undefined ? 502 : 504);
    expect(JSON.parse(text)).toHaveProperty("error.message");
    await isLetGoOf(row);
  });
});

describe("the total deadline", () => {
  it.concurrent.each(DEADLINES)("$f $name ends everything, recovery $recovery", async (row) => {
    const { response, text, kept } = await ask(row, row.recovery, { "x-headgate-timeout": "800" });
    isCharged(row, kept, NO_ANSWER, 1);
    if (row.recovery === "hold") {
      expect(response.status).toBe(504);
      expect(JSON.parse(text).error).toMatchObject({ code: "upstream_timeout" });
    } else {
      const heard = told(text, row);
      expect(heard).toMatchObject({ isEnded: false, error: { details: { phase: "total" } } });
      expect(TOKENS.join("").startsWith(heard.text)).toBe(true);
    }
    expect(fallbackTriesOf(journey, row)).toEqual([]);
    await isLetGoOf(row);
  });
});

it("leaves nothing held when all is over", async () => {
  await expectAtRest(journey.gateway, ORG);
});
