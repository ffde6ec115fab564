import { afterAll, expect, it } from "vitest";
import { anthropicMessages } from "../../src/dialects/anthropic-messages/dialect.ts";
import { errorBody } from "../../src/dialects/error-body.ts";
import { gemini } from "../../src/dialects/gemini/dialect.ts";
import { openaiChat } from "../../src/dialects/openai-chat/dialect.ts";
import { ERRORS, statusOf } from "../../src/domain/error.ts";
import type { ProviderKind } from "../../src/domain/target.ts";
import { classifyAnswer, type Verdict } from "../../src/policy/resilience/classify.ts";
import { retryAfter, windowReset } from "../../src/policy/resilience/retry-after.ts";
import { describeRecorded, recorded } from "../support/recorded-data.ts";
import { eventsOf } from "../support/recordings.ts";
import { review } from "../support/reviewed-errors.ts";

type Row = {
  id: string;
  provider: string;
  api?: string;
  status: number;
  headers: [string, string][] | Record<string, string>;
  body: unknown;
};
const rows = [...recorded<Row>("errors/recorded.jsonl"), ...recorded<Row>("errors/reported.jsonl")];
const bodyText = ({ body }: Row) => (typeof body === "string" ? body : JSON.stringify(body));
/** A stream of the Responses API, which no dialect speaks. */
const isResponses = (row: Row) => /"type": ?"response\./.test(bodyText(row));
const spoken = rows.filter((row) => !isResponses(row));

const DIALECTS = [
  [/^anthropic$/, anthropicMessages, "anthropic"],
  [/^(?:gemini|vertex)$/, gemini, "gemini"],
  [/^/, openaiChat, "openai"],
] as const;

const json = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

// Before every recorded wait has passed.
const NOW = Date.parse("2024-03-26T19:59:50Z");

const verdictOf = (row: Row): { verdict: Verdict; said: string } => {
  const found = DIALECTS.find(([provider]) => provider.test(row.provider)) ?? DIALECTS[2];
  const [, dialect, kind] = found;
  const text = bodyText(row);
  const streamed = /^(?:event|data):/.test(text);
  const bodies = streamed
    ? eventsOf([new TextEncoder().encode(text)]).map((event) => json(event.data))
    : [json(text)];
  const body = bodies.find((one) => dialect.error.decode(one) !== undefined) ?? bodies.at(-1);
  const error = dialect.error.decode(body);
  const headers = new Map(Array.isArray(row.headers) ? row.headers : Object.entries(row.headers));
  const verdict = classifyAnswer({
    kind: kind as ProviderKind,
    dialect: dialect.name,
    status: row.status,
    headers,
    error,
    body,
    inBand: row.status === 200,
    now: NOW,
  });
  return { verdict, said: error?.message ?? "" };
};

const tally = new Map<string, number>();
const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);

describeRecorded("every recorded and reported error", () => {
  afterAll(() => {
    const lines = [...tally].map(([what, many]) => `  ${many} ${what}`);
    const skipped = rows.length - spoken.length;
    console.log(
      `errors: ${rows.length} records, ${skipped} of the Responses API left out\n${lines.sort().join("\n")}`,
    );
  });

  it("is there", () => expect(spoken.length).toBeGreaterThan(50));

  it.each(spoken.map((row) => [row.id, row.provider, row.status, row] as const))(
    "%s: %s %i has its class, status and envelope",
    (...args) => {
      const row = args[3];
      const { expected, reviewed } = review(row.provider, row.status, bodyText(row));
      const { verdict, said } = verdictOf(row);
      const { action, failure } = verdict;
      const answer = statusOf(failure);
      const soon = (verdict.throttledUntil ?? Number.POSITIVE_INFINITY) - NOW <= 5_000;
      const waiting = soon ? "retry_same" : "next_target";
      expect({ action, code: failure.code, answer }).toEqual({
        action: expected?.action === "wait" ? waiting : expected?.action,
        code: expected?.code,
        answer: expected?.answer,
      });

      const { message, type, retryable } = ERRORS[failure.code];
      const source = failure.code === "context_length_exceeded" ? "caller" : "upstream";
      const envelope = errorBody("openai", failure, "req_1");
      expect(envelope).toEqual({
        error: {
          message,
          type,
          param: failure.param ?? null,
          code: failure.code,
          request_id: "req_1",
          retryable,
          source,
        },
      });
      expect(errorBody("anthropic", failure, "req_1")).toMatchObject({
        type: "error",
        error: { type: ERRORS[failure.code].anthropic },
      });
      if (said.length > 10) expect(JSON.stringify(envelope)).not.toContain(said.slice(0, 40));
      if (answer === 429) expect(failure.retryAfterMs).toBeGreaterThan(0);
      count(`${action} ${failure.code}${reviewed ? "" : " (by status alone)"}`);
    },
  );

  it.each([
    ["Google's sentence, longer than its RetryInfo", "49fd2fb525f17696", 48_940],
    ["a sentence alone: a day", "rep-27", 86_400_000],
    ["Anthropic's reset headers without retry-after", "rep-04", 10_000],
    ["Azure's retry-after beside a retry-after-ms of nought", "c8755283070fe0f0", 1_000],
  ])("%s says how long to wait", (_, id, ms) => {
    const told = rows.filter((row) => row.id === id);
    expect(told.map((row) => verdictOf(row).verdict.failure.retryAfterMs)).toEqual([ms]);
  });
});

type HeaderRow = { id: string; provider: string; headers: [string, string][] };
const headerRows = recorded<HeaderRow>("errors/ratelimit_headers.jsonl");

describeRecorded("every recorded set of rate-limit headers", () => {
  it.each(headerRows.map((row) => [row.provider, row.id, row] as const))(
    "%s %s is read",
    (...args) => {
      const headers = new Map(args[2].headers);
      const values = [...headers].filter(([name]) => !/requests|images/.test(name));
      const stamps = [...headers.values()].flatMap((value) =>
        /^\d{4}-\d\d-/.test(value) ? Date.parse(value) : [],
      );
      const now = stamps.length > 0 ? Math.min(...stamps) - 1_000 : NOW;
      const said = retryAfter({ headers, now });
      expect(said).toBe(
        headers.has("retry-after") ? Number(headers.get("retry-after")) * 1_000 : undefined,
      );
      const resets = values.filter(([name]) => /reset/.test(name));
      const opens = windowReset(headers, now);
      if (resets.some(([, value]) => /^[\d.]+(?:m?s)?$|^\d{4}-/.test(value))) {
        expect(opens).toBeGreaterThanOrEqual(stamps.length > 0 ? 1_000 : 0);
        expect(opens).toBeLessThanOrEqual(600_000);
      } else {
        expect(opens).toBeUndefined();
      }
    },
  );
});
