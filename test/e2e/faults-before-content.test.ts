import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, ORG, startJourney } from "../support/journey.ts";
import { expectAtRest, rowOf, usedOf } from "../support/ledger.ts";
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
  type Ways,
  WHOLE,
  waysOf,
} from "../support/upstream-cases.ts";

type Row = Ways & {
  /** Of faults.md. */
  readonly f: string;
  readonly fault: string;
  /** How often the primary is asked before it is given up. */
  readonly tries: number;
  /** The same where another target is left. */
  readonly triesBacked?: number;
  readonly status: number;
  readonly code: string;
  readonly details?: object;
  /** Seconds: the least that Retry-After may say. */
  readonly wait?: number;
  /** The SDKs are told not to try again. */
  readonly final?: true;
};

const STREAMED = { streams: [true] };
const ENTIRE = { streams: [false] };

const unavailable = (f: string, fault: string, tries: number, code: string): Row => ({
  f,
  fault,
  tries,
  status: 502,
  code,
});
const silent = (f: string, fault: string, phase: string, ways: Ways): Row => ({
  ...{ f, fault, tries: 1, status: 504, code: "upstream_timeout", details: { phase } },
  ...ways,
});
const patient = (f: string, fault: string, status: 429 | 503, wait: number): Row => ({
  ...{ f, fault, tries: 1, status, wait },
  code: status === 429 ? "upstream_rate_limited" : "no_healthy_upstream",
});

/** What one fault before the first content becomes. Three tries: the first and two repeats. */
const ROWS: readonly Row[] = [
  { ...unavailable("F1", "reset-before-headers", 3, "upstream_unreachable"), triesBacked: 1 },
  silent("F2", "silent", "headers", STREAMED),
  silent("F2", "silent", "response", ENTIRE),
  silent("F3", "headers-then-silent", "first_token", STREAMED),
  silent("F3", "headers-then-silent", "response", ENTIRE),
  unavailable("F6", "status-500", 3, "upstream_error"),
  unavailable("F6", "status-502", 3, "upstream_error"),
  unavailable("F6", "status-503", 3, "upstream_error"),
  patient("F7", "status-503-ra-20", 503, 20),
  patient("F7", "status-529-ra-20", 503, 20),
  patient("F8", "status-429", 429, 1),
  patient("F8", "status-429-ra-20", 429, 20),
  { ...unavailable("F9", "quota-429", 1, "upstream_quota"), final: true },
  { ...unavailable("F9", "quota-402", 1, "upstream_quota"), final: true },
  { ...unavailable("F10", "status-401", 1, "upstream_auth_failed"), final: true },
  { ...unavailable("F10", "status-403", 1, "upstream_auth_failed"), final: true },
  { f: "F11", fault: "context-400", tries: 1, status: 400, code: "context_length_exceeded" },
  unavailable("F12", "error-in-200", 3, "upstream_error"),
  { ...unavailable("F13", "first-event-error", 3, "upstream_error"), ...STREAMED },
  { ...unavailable("F16", "half-frame-0", 3, "upstream_error"), ...STREAMED },
  { ...unavailable("F16", "invalid-utf8-0", 3, "upstream_error"), ...STREAMED },
  { ...unavailable("F17", "huge-event-9000000", 1, "upstream_invalid"), ...STREAMED },
  { ...unavailable("F17", "comment-flood-9000000", 1, "upstream_invalid"), ...STREAMED },
  unavailable("F18", "html-200", 1, "upstream_invalid"),
  unavailable("F18", "empty-200", 1, "upstream_invalid"),
  unavailable("F19", "redirect", 1, "upstream_invalid"),
  silent("F22", "slow-loris-20", "first_token", STREAMED),
  unavailable("F23", "gzip-bomb-40000000", 1, "upstream_invalid"),
  // Nobody asked for deflate, and the runtime leaves it as it is: to a stream it is a few bytes of nothing.
  { ...unavailable("F23", "deflate-bomb-40000000", 1, "upstream_invalid"), ...ENTIRE },
  { ...unavailable("F23", "deflate-bomb-40000000", 3, "upstream_error"), ...STREAMED },
];

const CASES = ROWS.flatMap((row) =>
  waysOf(row.fault, row).map((one: FaultCase) => ({ ...row, ...one })),
);
type Case = (typeof CASES)[number];
const ALONE = CASES.filter(({ hasFallback }) => !hasFallback);
const BACKED = CASES.filter(({ hasFallback }) => hasFallback);
/** Megabytes take the time of everything beside them: these run alone. */
const isHeavy = ({ f }: Case): boolean => f === "F17" || f === "F23";
const isLight = (row: Case): boolean => !isHeavy(row);

let journey: Journey;
beforeAll(async () => {
  const timeouts = { headers_ms: 1_000, first_token_ms: 1_200, response_ms: 1_500 };
  journey = await startJourney({
    counted: true,
    config: (upstream) => ({ ...sectionsFor(upstream, CASES), resilience: { timeouts } }),
  });
});
afterAll(() => journey?.dispose());

/** All that is paid where a healthy target answers at last: its own input and output. */
const PAID = {
  input_tokens: INPUT_TOKENS,
  output_tokens: TOKENS.length,
  // A dollar a million in, two out.
  cost_usd: (INPUT_TOKENS + 2 * TOKENS.length) / 1e6,
};
/** Whoever refuses, or says nothing before he is given up, is paid nothing. */
const UNPAID = { input_tokens: null, output_tokens: null, cost_usd: 0 };
let answered = 0;

const isTold = async (row: Case): Promise<void> => {
  const response = await askCase(journey, row);
  const text = await response.text();
  expect(response.status).toBe(row.status);
  const { error, request_id } = JSON.parse(text);
  expect(error).toMatchObject({
    code: row.code,
    message: expect.any(String),
    ...(row.details !== undefined && { details: row.details }),
  });
  expect(response.headers.get("x-request-id")).toBe(request_id ?? error.request_id);
  expect(response.headers.get("x-headgate-attempts")).toBe(String(row.tries));
  expect(response.headers.get("x-should-retry")).toBe(row.final === true ? "false" : null);
  expect(triesOf(journey, row)).toHaveLength(row.tries);
  expect(allOf(response, text)).not.toMatch(CANARIES);
  expect(await rowOf(journey, response.headers.get("x-request-id"))).toMatchObject({
    status: row.status,
    error_code: row.code,
    attempts: row.tries,
    fallback_from: null,
    estimated: false,
    ...UNPAID,
  });
  if (row.wait === undefined) return;
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThanOrEqual(row.wait);
  expect(Number(response.headers.get("retry-after-ms"))).toBeGreaterThan((row.wait - 1) * 1_000);
};

const goesUnnoticed = async (row: Case): Promise<void> => {
  const tries = row.triesBacked ?? row.tries;
  const response = await askCase(journey, row);
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(told(text, row)).toMatchObject({ ...WHOLE, isEnded: true });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "x-request-id": expect.any(String),
    "x-headgate-attempts": String(tries + 1),
    "x-headgate-model": fallbackOf(row),
    "x-headgate-provider": fallbackOf(row),
    "x-headgate-fallback-from": row.name,
  });
  expect(triesOf(journey, row)).toHaveLength(tries);
  expect(fallbackTriesOf(journey, row)).toHaveLength(1);
  expect(allOf(response, text)).not.toMatch(CANARIES);
  answered += 1;
  expect(await rowOf(journey, response.headers.get("x-request-id"))).toMatchObject({
    status: 200,
    error_code: null,
    attempts: tries + 1,
    fallback_from: row.name,
    estimated: false,
    ...PAID,
  });
};

describe("without another target", () => {
  it.concurrent.each(ALONE.filter(isLight))("$f $name is $status $code", isTold);
  it.each(ALONE.filter(isHeavy))("$f $name is $status $code", isTold);
});

describe("with a healthy fallback", () => {
  it.concurrent.each(BACKED.filter(isLight))("$f $name is not noticed", goesUnnoticed);
  it.each(BACKED.filter(isHeavy))("$f $name is not noticed", goesUnnoticed);
});

it("nothing is held for a request that is over, and all levels have counted what was paid", async () => {
  const { usd = 0, tokens, concurrent } = usedOf(await expectAtRest(journey.gateway, ORG));
  expect(usd).toBeCloseTo(answered * PAID.cost_usd, 9);
  expect({ tokens, concurrent }).toEqual({
    tokens: answered * (PAID.input_tokens + PAID.output_tokens),
    concurrent: 0,
  });
});

it("F19 a redirect is followed by nobody", () => {
  const followed = journey.upstream.requests.filter(({ path }) => path.startsWith("/internal"));
  expect(followed).toEqual([]);
});

it("F2 what was given up is let go of upstream", () => {
  const silences = CASES.filter(({ code }) => code === "upstream_timeout");
  const open = silences.flatMap((row) =>
    triesOf(journey, row).filter(({ abortedAt }) => abortedAt === undefined),
  );
  expect(open).toEqual([]);
});
