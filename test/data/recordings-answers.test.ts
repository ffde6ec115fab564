import { afterAll, expect, it } from "vitest";
import type { AnswerContext, Dialect } from "../../src/dialects/dialect.ts";
import { DIALECTS } from "../../src/dialects/index.ts";
import { openaiChat } from "../../src/dialects/openai-chat/dialect.ts";
import { openAiSchema } from "../support/openapi.ts";
import { essence, inOpenAiWords, saidWhole, withBothWrites } from "../support/recorded-answer.ts";
import { describeRecorded } from "../support/recorded-data.ts";
import { type Recording, recordings } from "../support/recordings.ts";
import { createReplays, differences } from "../support/replay.ts";

const STREAMED = { skip: "the answer was streamed: test/data/recordings-streams.test.ts has it" };
const REGISTERED = Object.values(DIALECTS);
const replays = createReplays();

/** As if the answer came in another dialect: nothing of its own survives but what is translated. */
const foreign: AnswerContext = { requestId: "req_1", created: 1_700_000_000, includeUsage: true };

const faultsOf = (
  name: string,
  dialect: Dialect,
  check: (whole: Record<string, unknown>, record: Recording) => readonly string[],
): Promise<string[]> =>
  replays.faultsOf(name, recordings(dialect.name), (record) =>
    record.whole === undefined ? STREAMED : check(record.whole, record),
  );

describeRecorded("recorded whole answers", () => {
  afterAll(() => console.log(replays.summary()));

  const validOpenAi = openAiSchema("CreateChatCompletionResponse");

  it.each(REGISTERED.map((dialect) => [dialect.name, dialect] as const))(
    "of %s keep text, tool calls, finish reason and usage on their way back into it",
    async (name, dialect) => {
      const faults = await faultsOf(`${name} → ${name}, whole`, dialect, (whole) => {
        const read = dialect.response.decode(whole);
        if (!read.ok) return [read.error];
        const written = dialect.response.encode(read.value, { ...foreign, from: name });
        return differences(
          withBothWrites(saidWhole(name, written)),
          withBothWrites(saidWhole(name, whole)),
        );
      });
      expect(faults).toEqual([]);
    },
  );

  it("are measured with a schema that finds faults", () => {
    const bare = { id: "1", object: "chat.completion", created: 1, model: "m", choices: [] };
    expect(validOpenAi(bare)).toEqual([]);
    expect(validOpenAi({ ...bare, created: "now" })).toEqual(["/created must be integer"]);
    expect(validOpenAi({ ...bare, choices: [{ index: 0 }] })).not.toEqual([]);
  });

  it.each(REGISTERED.map((dialect) => [dialect.name, dialect] as const))(
    "of %s are valid as OpenAI's, with text, tool calls, finish reason and token counts kept",
    async (name, dialect) => {
      const faults = await faultsOf(`${name} → openai-chat, valid`, dialect, (whole) => {
        const read = dialect.response.decode(whole);
        if (!read.ok) return [read.error];
        const written = openaiChat.response.encode(read.value, foreign);
        const kept = differences(
          saidWhole("openai-chat", written),
          inOpenAiWords(saidWhole(name, whole)),
        );
        return [...validOpenAi(written), ...kept];
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
    const faults = await faultsOf(`${from.name} → ${into.name}, essence`, from, (whole) => {
      const read = from.response.decode(whole);
      if (!read.ok) return [read.error];
      const written = into.response.encode(read.value, foreign);
      const said = saidWhole(from.name, whole);
      return differences(essence(saidWhole(into.name, written), said), essence(said, said));
    });
    expect(faults).toEqual([]);
  });

  it.each(REGISTERED.map((dialect) => [dialect.name, dialect] as const))(
    "of %s report the provider's own figures as usage, in the normal form",
    async (name, dialect) => {
      const faults = await faultsOf(`${name}, usage`, dialect, (whole) => {
        const { usage } = saidWhole(name, whole);
        const read = dialect.response.decode(whole);
        return [
          ...differences(dialect.response.usage(whole), usage),
          ...(read.ok ? differences(read.value.usage, usage) : [read.error]),
        ];
      });
      expect(faults).toEqual([]);
    },
  );
});
