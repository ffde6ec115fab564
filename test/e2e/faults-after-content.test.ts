import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, startJourney } from "../support/journey.ts";
import { TOKENS } from "../support/upstream-answer.ts";
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
    config: (upstream) => ({
      ...sectionsFor(upstream, cases),
      resilience: { max_retries: 0, timeouts: { idle_ms: 800 } },
    }),
  });
});
afterAll(() => journey?.dispose());

const ask = async (row: Case, recovery: string, headers: Record<string, string> = {}) => {
  const response = await askCase(journey, row, { "x-headgate-recovery": recovery, ...headers });
  const text = await response.text();
  expect(response.headers.get("x-request-id")).toMatch(/./);
  expect(allOf(response, text)).not.toMatch(CANARIES);
  return { response, text };
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
    const { text } = await ask(row, "error");
    endsInError(row, text);
    expect(fallbackTriesOf(journey, row)).toEqual([]);
    await isLetGoOf(row);
  });
});

describe("recovery continue", () => {
  it.concurrent.each(CASES.continue.filter(backed))("$f $name: the answer goes on", async (row) => {
    const { response, text } = await ask(row, "continue");
    const heard = told(text, row);
    expect(heard).toMatchObject({ ...WHOLE, isEnded: true });
    expect(heard.headgate).toMatchObject({
      model: fallbackOf(row),
      provider: fallbackOf(row),
      attempts: 2,
      recovered: { from: row.name, to: fallbackOf(row), at_chars: SENT.length },
    });
    expect(response.headers.get("x-headgate-model")).toBe(row.name);
    expect(fallbackTriesOf(journey, row)).toHaveLength(1);
    await isLetGoOf(row);
  });

  it.concurrent.each(CASES.continue.filter(alone))("$f $name: an error frame", async (row) => {
    const { text } = await ask(row, "continue");
    endsInError(row, text);
    await isLetGoOf(row);
  });
});

describe("recovery hold", () => {
  it.concurrent.each(CASES.hold.filter(backed))("$f $name: one whole answer", async (row) => {
    const { response, text } = await ask(row, "hold");
    expect(told(text, row)).toMatchObject({ ...WHOLE, isEnded: true });
    expect(response.headers.get("x-headgate-model")).toBe(fallbackOf(row));
    expect(response.headers.get("x-headgate-attempts")).toBe("2");
    await isLetGoOf(row);
  });

  it.concurrent.each(CASES.hold.filter(alone))("$f $name: a status", async (row) => {
    const { response, text } = await ask(row, "hold");
    expect(response.status).toBe(row.phase === undefined ? 502 : 504);
    expect(JSON.parse(text)).toHaveProperty("error.message");
    await isLetGoOf(row);
  });
});

describe("the total deadline", () => {
  it.concurrent.each(DEADLINES)("$f $name ends everything, recovery $recovery", async (row) => {
    const { response, text } = await ask(row, row.recovery, { "x-headgate-timeout": "800" });
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
