import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRecord } from "../../src/base/record.ts";
import { createFramer, decodeFrame, type SseEvent } from "../../src/base/sse.ts";
import { fold } from "../../src/dialects/fold.ts";
import { DIALECTS } from "../../src/dialects/index.ts";
import type { DialectName } from "../../src/domain/dialect-name.ts";
import type { ChatEvent } from "../../src/domain/event.ts";

const FIXTURES = `${import.meta.dirname}/../fixtures`;
const fixture = (file: string): string => readFileSync(`${FIXTURES}/${file}`, "utf8");
const chunk = (delta: object, more: object = {}): string => {
  const choices = [{ index: 0, delta, finish_reason: null, ...more }];
  return `data: ${JSON.stringify({ id: "c", created: 1, model: "m", choices })}\n\n`;
};

/** What look-alikes of OpenAI say beside what it says itself. */
const ODD = [
  chunk({ role: "assistant", content: "a", refusal: "no", reasoning_content: "hm" }),
  chunk({ reasoning: "hm", reasoning_details: [{ type: "reasoning.text", text: "x", index: 0 }] }),
  chunk({ content: "b" }, { logprobs: { content: [{ token: "b", logprob: -1, bytes: [98] }] } }),
  chunk({
    annotations: [{ type: "url_citation", url_citation: { url: "https://a.b", title: "t" } }],
  }),
  chunk({ function_call: { name: "f", arguments: "{}" } }, { finish_reason: "function_call" }),
  'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n',
  'data: {"error":{"message":"no"}}\n\n',
].join("");
const BLOCKED =
  'data: {"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}\n\n';

const STREAMS: Readonly<Record<DialectName, readonly string[]>> = {
  "openai-chat": [fixture("openai-chat/tools.sse"), ODD],
  "anthropic-messages": [
    fixture("anthropic-messages/citations.sse"),
    fixture("anthropic-messages/thinking-tool.sse"),
  ],
  gemini: [fixture("gemini/stream.sse"), fixture("gemini/partial-arguments.sse"), BLOCKED],
};

const eventsOf = (stream: string): readonly SseEvent[] =>
  createFramer()
    .push(new TextEncoder().encode(stream))
    .flatMap((frame) => decodeFrame(frame) ?? []);

type Path = readonly (string | number)[];

const pathsIn = (value: unknown, at: Path = []): readonly Path[] => [
  at,
  ...(typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...at, key]))
    : []),
];
const withValue = (value: unknown, [key, ...rest]: Path, put: unknown): unknown => {
  if (key === undefined) return put;
  if (Array.isArray(value)) {
    return value.map((each, at) => (at === Number(key) ? withValue(each, rest, put) : each));
  }
  return isRecord(value) ? { ...value, [key]: withValue(value[key], rest, put) } : value;
};

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === "string";
const place: Check = (value) => Number.isFinite(value);
const record: Check = isRecord;
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const figures: Check = (value) =>
  isRecord(value) && Object.values(value).every((each) => Number.isFinite(each));
const tokens: Check = (value) =>
  Array.isArray(value) &&
  value.every((each) => isRecord(each) && text(each["token"]) && Number.isFinite(each["logprob"]));

const FIELDS: Readonly<Record<ChatEvent["type"], Readonly<Record<string, Check>>>> = {
  start: { id: text, model: text, created: maybe(place), extra: maybe(record) },
  text: {
    choice: place,
    text,
    block: maybe(place),
    logprobs: maybe(tokens),
    signature: maybe(text),
  },
  refusal: { choice: place, text },
  thinking: {
    ...{ choice: place, block: place, text },
    ...{ signature: maybe(text), redacted: maybe(text), format: maybe(text) },
  },
  tool_call: { choice: place, call: place, id: text, name: text, signature: maybe(text) },
  tool_arguments: { choice: place, call: place, text },
  citation: { choice: place, block: maybe(place), citation: record },
  opaque: { choice: place, part: record },
  finish: { choice: place, reason: text, stop_sequence: maybe(text) },
  usage: { usage: figures },
  error: {},
  end: {},
};
const wrongIn = (event: ChatEvent): string | undefined => {
  const fields: Readonly<Record<string, unknown>> = event;
  const wrong = Object.entries(FIELDS[event.type]).find(([name, check]) => !check(fields[name]));
  return wrong && `${event.type}.${wrong[0]} of ${JSON.stringify(event)}`;
};

const put = fc.constantFrom<unknown>(
  ...[null, true, 0, -1, 1.5, 7, 1e300, "", "x", "5", [], [null], ["x"], [[]], {}, { x: null }],
);

describe.each(Object.values(DIALECTS))(
  "a stream of $name with a wrong value anywhere in it",
  (dialect) => {
    it("is read as events of the right form, and written in every dialect", () => {
      const streams = STREAMS[dialect.name].map(eventsOf);
      const places = streams.flatMap((events, stream) =>
        events.flatMap(({ data }, at) =>
          data.startsWith("{")
            ? pathsIn(JSON.parse(data)).map((path) => ({ stream, at, path }))
            : [],
        ),
      );
      fc.assert(
        fc.property(fc.constantFrom(...places), put, ({ stream, at, path }, put) => {
          const decoder = dialect.stream.decoder();
          const decoded = (streams[stream] ?? []).flatMap((event, index) => {
            const data =
              index === at
                ? JSON.stringify(withValue(JSON.parse(event.data), path, put))
                : event.data;
            const read = decoder.decode({ ...event, data });
            return read.ok ? read.value : [];
          });
          const events = [...decoded, ...decoder.finish()];
          expect(events.flatMap((event) => wrongIn(event) ?? [])).toEqual([]);
          fold(events);
          for (const { stream: other } of Object.values(DIALECTS)) {
            const encoder = other.encoder({ requestId: "r", created: 1, includeUsage: true });
            for (const event of events) expect(typeof encoder.encode(event)).toBe("string");
          }
        }),
        { numRuns: 3_000 },
      );
    });
  },
);
