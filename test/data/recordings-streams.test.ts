import { afterAll, expect, it } from "vitest";
import type { SseEvent } from "../../src/base/sse.ts";
import type { AnswerContext, Dialect } from "../../src/dialects/dialect.ts";
import { fold } from "../../src/dialects/fold.ts";
import { DIALECTS } from "../../src/dialects/index.ts";
import { openaiChat } from "../../src/dialects/openai-chat/dialect.ts";
import type { ChatEvent } from "../../src/domain/event.ts";
import { chanceFrom } from "../support/chance.ts";
import { openAiSchema } from "../support/openapi.ts";
import {
  essence,
  inOpenAiWords,
  payloadsOf,
  saidStreamed,
  withBothWrites,
} from "../support/recorded-answer.ts";
import { describeRecorded } from "../support/recorded-data.ts";
import { eventsOf, type Recording, recordings } from "../support/recordings.ts";
import { createReplays, differences } from "../support/replay.ts";
import { byteByByte, splitAt } from "../support/split.ts";

const WHOLE = { skip: "the answer came whole: test/data/recordings-answers.test.ts has it" };
const REGISTERED = Object.values(DIALECTS);
const replays = createReplays();
const utf8 = new TextEncoder();

/** As if the answer came in another dialect: nothing of its own survives but what is translated. */
const foreign: AnswerContext = { requestId: "req_1", created: 1_700_000_000, includeUsage: true };

const decoded = (dialect: Dialect, events: readonly SseEvent[]): ChatEvent[] => {
  const decoder = dialect.stream.decoder();
  const said = events.flatMap((event) => {
    const result = decoder.decode(event);
    if (!result.ok) throw new Error(`malformed: ${event.data.slice(0, 200)}`);
    return result.value;
  });
  const all = [...said, ...decoder.finish()];
  const types = new Set(all.map((event) => event.type));
  // The relay ends what has come to its finish reason, whether or not the terminal mark arrived.
  const ended = types.has("end") || types.has("error") || !types.has("finish");
  return ended ? all : [...all, { type: "end" }];
};

const encoded = (
  into: Dialect,
  context: AnswerContext,
  events: readonly ChatEvent[],
): SseEvent[] => {
  const encoder = into.stream.encoder(context);
  return eventsOf(events.map((event) => utf8.encode(encoder.encode(event))));
};

const faultsOf = (
  name: string,
  dialect: Dialect,
  check: (bytes: Uint8Array, record: Recording) => readonly string[],
): Promise<string[]> =>
  replays.faultsOf(name, recordings(dialect.name), (record) =>
    record.stream === undefined ? WHOLE : check(record.stream, record),
  );

/** Cuts at places that a fixed seed chooses, so that a failure repeats. */
const randomChunks = (bytes: Uint8Array, seed: number): Uint8Array[] => {
  const chance = chanceFrom(seed);
  const places = Array.from({ length: 40 }, () => Math.floor(chance() * bytes.length));
  return splitAt(bytes, places);
};

describeRecorded("recorded streams", () => {
  afterAll(() => console.log(replays.summary()));

  const validChunk = openAiSchema("CreateChatCompletionStreamResponse");

  it.each(REGISTERED.map((dialect) => [dialect.name, dialect] as const))(
    "of %s give the same answer whole, chunked at random and byte by byte",
    async (name, dialect) => {
      const faults = await faultsOf(`${name}, splits`, dialect, (bytes) => {
        const whole = fold(decoded(dialect, eventsOf([bytes])));
        const said = saidStreamed(name, eventsOf([bytes]));
        return [
          ...differences(whole.usage, said.usage, "/usage"),
          ...[randomChunks(bytes, 1), randomChunks(bytes, 2), byteByByte(bytes)].flatMap((chunks) =>
            differences(fold(decoded(dialect, eventsOf(chunks))), whole),
          ),
        ];
      });
      expect(faults).toEqual([]);
    },
  );

  it.each(REGISTERED.map((dialect) => [dialect.name, dialect] as const))(
    "of %s say the same on their way back into it",
    async (name, dialect) => {
      const faults = await faultsOf(`${name} → ${name}, streamed`, dialect, (bytes) => {
        const events = eventsOf([bytes]);
        const written = encoded(dialect, { ...foreign, from: name }, decoded(dialect, events));
        return differences(
          withBothWrites(saidStreamed(name, written)),
          withBothWrites(saidStreamed(name, events)),
        );
      });
      expect(faults).toEqual([]);
    },
  );

  const crossings = REGISTERED.flatMap((from) =>
    REGISTERED.filter((into) => into !== from).map(
      (into) => [from.name, into.name, from, into] as const,
    ),
  );
  it.each(crossings)("of %s say the same in %s", async (...args) => {
    const [, , from, into] = args;
    const faults = await faultsOf(
      `${from.name} → ${into.name}, streamed essence`,
      from,
      (bytes) => {
        const events = eventsOf([bytes]);
        const canonical = decoded(from, events);
        if (!canonical.some((event) => event.type === "end")) return [];
        const written = encoded(into, foreign, canonical);
        const said = saidStreamed(from.name, events);
        return differences(essence(saidStreamed(into.name, written), said), essence(said, said));
      },
    );
    expect(faults).toEqual([]);
  });

  it.each(REGISTERED.map((dialect) => [dialect.name, dialect] as const))(
    "of %s are valid as OpenAI's chunks, with text, tool calls, finish reason and token counts kept",
    async (name, dialect) => {
      const faults = await faultsOf(`${name} → openai-chat, valid chunks`, dialect, (bytes) => {
        const events = eventsOf([bytes]);
        const canonical = decoded(dialect, events);
        const whole = canonical.some((event) => event.type === "end");
        const written = encoded(openaiChat, foreign, canonical);
        const invalid = payloadsOf(written).flatMap((chunk) =>
          validChunk(chunk).map((fault) => `${fault} in ${JSON.stringify(chunk).slice(0, 200)}`),
        );
        return [
          ...invalid.slice(0, 5),
          ...differences(
            saidStreamed("openai-chat", written),
            inOpenAiWords(saidStreamed(name, events)),
          ),
          ...(whole === (written.at(-1)?.data === "[DONE]") ? [] : ["[DONE] and the end differ"]),
        ];
      });
      expect(faults).toEqual([]);
    },
  );
});
