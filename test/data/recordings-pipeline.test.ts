import { afterAll, expect, it } from "vitest";
import { createFramer, decodeFrame } from "../../src/base/sse.ts";
import type { DialectName } from "../../src/domain/dialect-name.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { settle } from "../support/clock.ts";
import { meterFaults } from "../support/metered.ts";
import { askFor, textOf } from "../support/pipeline.ts";
import { payloadsOf, saidStreamed, saidWhole } from "../support/recorded-answer.ts";
import { describeRecorded } from "../support/recorded-data.ts";
import { eventsOf, type Recording, recordings } from "../support/recordings.ts";
import { createReplays, differences } from "../support/replay.ts";
import { replayStage } from "../support/replay-stage.ts";

type Json = Record<string, unknown>;
const replays = createReplays();
const text = new TextDecoder();
const utf8 = new TextEncoder();

const endpoint = (dialect: DialectName) =>
  dialect === "openai-chat" ? ("chat" as const) : ("messages" as const);

/**
 * The recorded request, or the least that leads to such an answer: with a field that nobody knows, because it
 * may have brought pictures, and figures that a greeting could not explain.
 */
const bodyOf = (record: Recording): Json => ({
  max_tokens: 1_000,
  messages: [{ role: "user", content: "hi" }],
  ...(record.request ?? { not_recorded: true }),
  model: "named",
  ...(record.stream === undefined ? {} : { stream: true }),
});

/** Usage alone: no choices, or after the finish one that says nothing (OpenRouter). */
const isUsageOnly = (payload: Json, finished: boolean): boolean => {
  const choices = payload["choices"];
  if (!payload["usage"] || !Array.isArray(choices)) return false;
  return choices.length === 0 || finished;
};

const finishes = (payload: Json): boolean =>
  ((payload["choices"] ?? []) as Json[]).some((choice) => Boolean(choice["finish_reason"]));

/** The stream without its usage chunk, and what the usage chunk says without the gateway's own words. */
const parted = (bytes: Uint8Array): { rest: string; usage: unknown; ended: boolean } => {
  const framer = createFramer();
  let rest = "";
  let usage: unknown;
  let finished = false;
  let ended = false;
  for (const frame of framer.push(bytes)) {
    const event = decodeFrame(frame);
    const [payload = {}] = payloadsOf(event === undefined ? [] : [event]);
    if (event?.data.trim() === "[DONE]") ended = true;
    else if (isUsageOnly(payload, finished)) usage = { ...payload, headgate: undefined };
    else rest += text.decode(frame.bytes);
    finished ||= finishes(payload);
  }
  return { rest, usage, ended };
};

const where = (got: string, expected: string): string => {
  const at = [...got].findIndex((character, index) => character !== expected[index]);
  return ` at ${at}: ${got.slice(at - 40, at + 80)} instead of ${expected.slice(at - 40, at + 80)}`;
};

const streamFaults = (record: Recording, reply: string, asked: boolean): string[] => {
  const out = parted(utf8.encode(reply));
  const recordedParts = parted(record.stream ?? new Uint8Array());
  const openAi = record.dialect === "openai-chat";
  return [
    ...(out.rest === recordedParts.rest
      ? []
      : [`other bytes left than came${where(out.rest, recordedParts.rest)}`]),
    ...(openAi && !out.ended ? ["no [DONE]"] : []),
    ...(asked && recordedParts.usage === undefined
      ? [] // The chunk, if there is one, is the gateway's own: the figures stood elsewhere.
      : differences(out.usage, asked ? recordedParts.usage : undefined, "/usage chunk")),
  ];
};

const broken = (record: Recording): boolean => {
  if (record.stream === undefined) return false;
  const events = eventsOf([record.stream]);
  const { choices } = saidStreamed(record.dialect, events);
  const ended = events.some(({ data }) => data === "[DONE]");
  return !ended && choices.every((choice) => choice.finish === undefined);
};

const replay = async (dialect: DialectName, record: Recording): Promise<string[]> => {
  const body = bodyOf(record);
  const stage = replayStage(record);
  const reply = await chat(
    stage.deps,
    askFor(stage, body, { dialect, endpoint: endpoint(dialect) }),
  );
  if (!reply.ok) {
    // The fault came with the first content, before anything had left.
    return broken(record) ? [] : [`refused: ${JSON.stringify(reply.failure)}`];
  }
  const left = await textOf(reply.body);
  await settle();
  const options = body["stream_options"] as Json | undefined;
  const asked = dialect === "openai-chat" && options?.["include_usage"] === true;
  const streamed = record.stream !== undefined && dialect === "openai-chat";
  const { models: _, ...own } = body;
  const expected = {
    ...own,
    model: record.model,
    ...(streamed ? { stream_options: { ...options, include_usage: true } } : {}),
  };
  if (broken(record)) {
    return /"code":"stream_interrupted"/.test(left) && !left.includes("[DONE]")
      ? []
      : ["a broken stream left as a whole one"];
  }
  const said =
    record.whole === undefined
      ? saidStreamed(dialect, eventsOf([record.stream ?? new Uint8Array()]))
      : saidWhole(dialect, record.whole);
  return [
    ...differences(JSON.parse(String(stage.sent[0]?.body)), expected, "/sent"),
    ...(record.whole === undefined ? streamFaults(record, left, asked) : []),
    ...(record.whole !== undefined && left !== JSON.stringify(record.whole) ? ["changed"] : []),
    ...meterFaults(stage.records[0], said.usage),
  ];
};

describeRecorded("recorded exchanges, through the whole pipeline in their own dialect", () => {
  afterAll(() => console.log(replays.summary()));

  it.each(["openai-chat", "anthropic-messages"] as const)(
    "%s: requests and answers keep every field, streams every byte, and usage is metered",
    async (dialect) => {
      const name = `${dialect}, through the pipeline`;
      const faults = await replays.faultsOf(name, recordings(dialect), (record) =>
        replay(dialect, record),
      );
      expect(faults).toEqual([]);
    },
  );
});
