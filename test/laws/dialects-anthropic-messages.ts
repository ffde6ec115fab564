/**
 * Decides: which canonical requests and answers Anthropic's dialect can express.
 * Never: tests anything itself.
 */
import * as fc from "fast-check";
import type {
  ChatRequest,
  ChatResponse,
  Citation,
  Message,
  Part,
  Source,
  ThinkingPart,
} from "../../src/domain/chat.ts";
import {
  base64,
  cache,
  count,
  identifier,
  jsonObject,
  link,
  name,
  optional,
  plain,
  schema,
  tool,
  unit,
  wired,
  word,
} from "./dialects-canonical.ts";

const format = "anthropic-claude-v1";

const text: fc.Arbitrary<Part> = fc
  .tuple(word, optional({ cache }))
  .map(([words, more]) => ({ type: "text", text: words, ...more }));
const texts = fc.array(text, { minLength: 1, maxLength: 2 });

const stored: fc.Arbitrary<Source> = fc.oneof(
  link.map((url) => ({ kind: "url" as const, url })),
  identifier.map((id) => ({ kind: "file" as const, id })),
);
const image: fc.Arbitrary<Part> = fc
  .tuple(
    fc.oneof(
      stored,
      base64.map((data) => ({ kind: "data" as const, media_type: "image/png", data })),
    ),
    optional({ cache }),
  )
  .map(([source, more]) => ({ type: "image", source, ...more }));
const file: fc.Arbitrary<Part> = fc
  .tuple(
    fc.oneof(
      stored,
      base64.map((data) => ({ kind: "data" as const, media_type: "application/pdf", data })),
      word.map((words) => ({ kind: "text" as const, text: words })),
    ),
    optional({ filename: word, cache }),
  )
  .map(([source, more]) => ({ type: "file", source, ...more }));

const thinking: fc.Arbitrary<ThinkingPart> = fc.oneof(
  fc.tuple(word, word).map(([words, signature]) => ({
    type: "thinking" as const,
    text: words,
    signature,
    format,
  })),
  word.map((redacted) => ({ type: "thinking" as const, text: "", redacted, format })),
);

const toolCall = (more: fc.Arbitrary<object>): fc.Arbitrary<Part> =>
  fc.tuple(identifier, name, jsonObject, more).map(([id, called, input, extra]) => ({
    type: "tool_call",
    id,
    name: called,
    arguments: JSON.stringify(input),
    ...extra,
  }));

const result: fc.Arbitrary<Message> = fc
  .tuple(
    identifier,
    fc.array(fc.oneof(text, image), { maxLength: 2 }),
    optional({ is_error: fc.boolean(), cache }),
  )
  .map(([tool_call_id, content, more]) => ({ role: "tool", tool_call_id, content, ...more }));

const userMessage: fc.Arbitrary<Message> = fc
  .array(fc.oneof(text, image, file), { minLength: 1, maxLength: 3 })
  .map((content) => ({ role: "user", content }));
const systemMessage: fc.Arbitrary<Message> = texts.map((content) => ({ role: "system", content }));
const assistantMessage: fc.Arbitrary<Message> = fc
  .array(fc.oneof(thinking, text, toolCall(optional({ cache }))), { minLength: 1, maxLength: 4 })
  .map((content) => ({ role: "assistant", content }));

/** Results come first; a system message may follow a user's turn. */
const userTurn: fc.Arbitrary<Message[]> = fc
  .tuple(fc.array(result, { maxLength: 2 }), fc.option(userMessage), fc.option(systemMessage))
  .filter(([results, said]) => results.length > 0 || said !== null)
  .map(([results, said, system]) => [
    ...results,
    ...(said === null ? [] : [said]),
    ...(system === null ? [] : [system]),
  ]);
const conversation: fc.Arbitrary<Message[]> = fc
  .tuple(
    fc.option(systemMessage),
    fc.array(fc.tuple(userTurn, assistantMessage), { maxLength: 2 }),
    userTurn,
  )
  .map(([system, turns, last]) => [
    ...(system === null ? [] : [system]),
    ...turns.flatMap(([asked, answered]) => [...asked, answered]),
    ...last,
  ]);

const effort = fc.constantFrom("low" as const, "medium" as const, "high" as const, "max" as const);
const reasoning: fc.Arbitrary<NonNullable<ChatRequest["reasoning"]>> = fc.oneof(
  fc.constant({ effort: "none" as const }),
  effort.map((level) => ({ effort: level })),
  fc
    .tuple(fc.integer({ min: 1024, max: 100_000 }), optional({ include: fc.boolean(), effort }))
    .map(([budget_tokens, more]) => ({ budget_tokens, ...more })),
  optional({ include: fc.boolean(), effort }).map((more) => ({ adaptive: true, ...more })),
);

const choosing: fc.Arbitrary<Partial<ChatRequest>> = fc.oneof(
  fc.constant({}),
  fc.array(tool, { minLength: 1, maxLength: 2 }).map((tools) => ({ tools })),
  fc
    .tuple(
      fc.array(tool, { minLength: 1, maxLength: 2 }),
      fc.oneof(fc.constantFrom("auto" as const, "required" as const), fc.record({ name })),
      optional({ parallel_tool_calls: fc.boolean() }),
    )
    .map(([tools, tool_choice, more]) => ({ tools, tool_choice, ...more })),
);

const settings = optional<Partial<ChatRequest>>({
  temperature: unit.map(plain),
  top_p: unit.map(plain),
  top_k: count,
  stop: fc.array(word, { maxLength: 2 }),
  response_format: schema.map((shape) => ({
    type: "json_schema" as const,
    name: "response",
    schema: shape,
  })),
  reasoning,
  user: word,
  service_tier: fc.constantFrom("auto", "standard_only"),
});

const extras = fc.constantFrom(
  { extra: {} },
  { extra: { cache_control: { type: "ephemeral" } }, hints: ["cache_control"] },
  { extra: { container: "c_1" }, unportable: ["container"] },
);

export const MODEL = "claude-opus-5";
export const anthropicRequest: fc.Arbitrary<ChatRequest> = fc
  .tuple(
    conversation,
    fc.record({ stream: fc.boolean(), max_output_tokens: fc.integer({ min: 1, max: 64_000 }) }),
    settings,
    choosing,
    extras,
  )
  .map(([messages, required, more, tools, extra]) => ({
    model: MODEL,
    messages,
    include_usage: true,
    ...required,
    ...more,
    ...tools,
    ...extra,
  }))
  .map(wired) as fc.Arbitrary<ChatRequest>;

const citation: fc.Arbitrary<Citation> = fc.oneof(
  fc.tuple(word, word, count).map(([quote, title, start]) => ({
    title,
    quote,
    raw: {
      type: "char_location",
      cited_text: quote,
      document_index: 0,
      document_title: title,
      start_char_index: start,
      end_char_index: start + quote.length,
    },
  })),
  fc.tuple(word, word, link).map(([quote, title, url]) => ({
    url,
    title,
    quote,
    raw: {
      type: "web_search_result_location",
      cited_text: quote,
      title,
      url,
      encrypted_index: "x",
    },
  })),
);
const said: fc.Arbitrary<Part> = fc
  .tuple(word, optional({ citations: fc.array(citation, { minLength: 1, maxLength: 2 }) }))
  .map(([words, more]) => ({ type: "text", text: words, ...more }));
const opaque: fc.Arbitrary<Part> = fc.tuple(identifier, jsonObject).map(([id, input]) => ({
  type: "opaque",
  dialect: "anthropic-messages",
  raw: { type: "server_tool_use", id, name: "web_search", input },
}));

const usage = fc
  .tuple(
    fc.record({ input_tokens: count, output_tokens: count }),
    optional({ cache_read_tokens: count, reasoning_tokens: count }),
    fc.oneof(
      fc.constant({}),
      fc.record({ cache_write_5m_tokens: count, cache_write_1h_tokens: count }),
    ),
  )
  .map((groups) => Object.assign({}, ...groups) as NonNullable<ChatResponse["usage"]>);

const finish = fc.oneof(
  fc
    .constantFrom("stop", "length", "tool_calls", "refusal", "pause", "context_window")
    .map((finish_reason) => ({ finish_reason })),
  word.map((stop_sequence) => ({ finish_reason: "stop_sequence", stop_sequence })),
);

export const anthropicResponse: fc.Arbitrary<ChatResponse> = fc
  .record({
    id: identifier,
    model: word,
    content: fc.array(fc.oneof(thinking, said, toolCall(optional({ signature: word })), opaque), {
      maxLength: 5,
    }),
    ended: finish,
    usage,
    extra: fc.constantFrom({}, { container: { id: "c" }, stop_details: null }),
  })
  .map(({ content, ended, ...answer }) => ({
    ...answer,
    choices: [{ index: 0, content, ...ended }],
  }))
  .map(wired) as fc.Arbitrary<ChatResponse>;
