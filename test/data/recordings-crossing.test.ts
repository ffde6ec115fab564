import { afterAll, expect, it } from "vitest";
import type { DialectName } from "../../src/domain/dialect-name.ts";
import { totalInput } from "../../src/domain/usage.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { settle } from "../support/clock.ts";
import { meterFaults } from "../support/metered.ts";
import { openAiSchema } from "../support/openapi.ts";
import { askFor, textOf } from "../support/pipeline.ts";
import { essence, payloadsOf, saidStreamed, saidWhole } from "../support/recorded-answer.ts";
import { describeRecorded } from "../support/recorded-data.ts";
import { eventsOf, type Recording, recordings } from "../support/recordings.ts";
import { createReplays, differences } from "../support/replay.ts";
import { replayStage } from "../support/replay-stage.ts";

const replays = createReplays();
const utf8 = new TextEncoder();

const said = (dialect: DialectName, streamed: boolean, bytes: Uint8Array) =>
  streamed
    ? saidStreamed(dialect, eventsOf([bytes]))
    : saidWhole(dialect, JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>);

/** As long as what the provider says it has read: more than was sent would not be believed. */
const promptOf = (tokens: number): string => `hi${" hi".repeat(tokens)}`;

const cross = async (
  record: Recording,
  into: DialectName,
  faultsIn: (streamed: boolean, left: string) => string[],
): Promise<string[]> => {
  const streamed = record.stream !== undefined;
  const stage = replayStage(record);
  const bytes = record.stream ?? utf8.encode(JSON.stringify(record.whole));
  const original = said(record.dialect, streamed, bytes);
  const body = {
    model: "named",
    max_tokens: 1_000,
    messages: [{ role: "user", content: promptOf(totalInput(original.usage ?? {})) }],
    ...(streamed ? { stream: true } : {}),
    ...(streamed && into === "openai-chat" ? { stream_options: { include_usage: true } } : {}),
  };
  const endpoint = into === "openai-chat" ? "chat" : "messages";
  const reply = await chat(stage.deps, askFor(stage, body, { dialect: into, endpoint }));
  const ended = streamed && eventsOf([bytes]).some(({ data }) => data === "[DONE]");
  const broken = streamed && !ended && original.choices.every(({ finish }) => finish === undefined);
  if (!reply.ok) return broken ? [] : [`refused: ${JSON.stringify(reply.failure)}`];
  const left = await textOf(reply.body);
  await settle();
  if (broken) return left.includes("stream_interrupted") ? [] : ["a broken stream seems whole"];
  const heard = said(into, streamed, utf8.encode(left));
  return [
    ...differences(essence(heard, original), essence(original, original)),
    ...meterFaults(stage.records[0], original.usage),
    ...faultsIn(streamed, left),
  ];
};

describeRecorded(
  "recorded answers, through the whole pipeline to a caller of another dialect",
  () => {
    afterAll(() => console.log(replays.summary()));
    const validWhole = openAiSchema("CreateChatCompletionResponse");
    const validChunk = openAiSchema("CreateChatCompletionStreamResponse");

    const openAiFaults = (streamed: boolean, left: string): string[] => {
      if (!streamed) return [...validWhole(JSON.parse(left))];
      const events = eventsOf([utf8.encode(left)]);
      return [
        ...payloadsOf(events).flatMap((chunk) => validChunk(chunk)),
        ...(events.at(-1)?.data === "[DONE]" ? [] : ["no [DONE]"]),
      ];
    };
    const anthropicFaults = (streamed: boolean, left: string): string[] => {
      if (!streamed) return [];
      const events = eventsOf([utf8.encode(left)]);
      const types = payloadsOf(events).map((payload) => payload["type"]);
      return [
        ...(types[0] === "message_start" ? [] : [`begins with ${String(types[0])}`]),
        ...(types.at(-1) === "message_stop" ? [] : [`ends with ${String(types.at(-1))}`]),
        ...(events.every(({ event }, at) => event === types[at]) ? [] : ["an event misnamed"]),
      ];
    };

    it.each([
      ["anthropic-messages", "openai-chat", openAiFaults],
      ["gemini", "openai-chat", openAiFaults],
      ["openai-chat", "anthropic-messages", anthropicFaults],
      ["gemini", "anthropic-messages", anthropicFaults],
    ] as const)("%s → %s", async (from, into, faultsIn) => {
      const name = `${from} → ${into}, through the pipeline`;
      const faults = await replays.faultsOf(name, recordings(from), (record) =>
        cross(record, into, faultsIn),
      );
      expect(faults).toEqual([]);
    });
  },
);
