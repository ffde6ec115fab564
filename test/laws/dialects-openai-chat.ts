/**
 * Decides: which canonical requests and answers OpenAI's dialect can express.
 * Never: tests anything itself.
 */
import * as fc from "fast-check";
import type {
  ChatRequest,
  ChatResponse,
  Choice,
  Citation,
  Message,
  Part,
  TextPart,
  ThinkingPart,
  TokenLogprob,
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

const text: fc.Arbitrary<Part> = fc
  .tuple(word, optional({ cache }))
  .map(([words, more]) => ({ type: "text", text: words, ...more }));

const image: fc.Arbitrary<Part> = fc
  .tuple(
    fc.oneof(
      base64.map((data) => ({ kind: "data" as const, media_type: "image/png", data })),
      link.map((url) => ({ kind: "url" as const, url })),
    ),
    optional({ detail: fc.constantFrom("auto", "low", "high"), cache }),
  )
  .map(([source, more]) => ({ type: "image", source, ...more }));

const file: fc.Arbitrary<Part> = fc
  .tuple(
    fc.oneof(
      base64.map((data) => ({ kind: "data" as const, media_type: "application/pdf", data })),
      identifier.map((id) => ({ kind: "file" as const, id })),
    ),
    optional({ filename: word, cache }),
  )
  .map(([source, more]) => ({ type: "file", source, ...more }));

const audio: fc.Arbitrary<Part> = fc.record({
  type: fc.constant("audio" as const),
  format: fc.constantFrom("wav", "mp3"),
  data: base64,
});

const format = fc.constantFrom("anthropic-claude-v1", "openai-responses-v1");
const signed: fc.Arbitrary<ThinkingPart> = fc
  .tuple(word, optional({ signature: word, format }))
  .map(([words, more]) => ({ type: "thinking", text: words, ...more }));
const redacted: fc.Arbitrary<ThinkingPart> = fc
  .tuple(word, optional({ format }))
  .map(([data, more]) => ({ type: "thinking", text: "", redacted: data, ...more }));
const thinking = fc.array(fc.oneof(signed, redacted), { maxLength: 3 });

const toolCall: fc.Arbitrary<Part> = fc
  .tuple(identifier, name, word, optional({ signature: word }))
  .map(([id, called, args, more]) => ({
    type: "tool_call",
    id,
    name: called,
    arguments: args,
    ...more,
  }));
const toolCalls = fc.array(toolCall, { maxLength: 3 });
const refusal: fc.Arbitrary<Part> = word.map((words) => ({ type: "refusal", text: words }));

const named = optional({ name });
const message: fc.Arbitrary<Message> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("system" as const, "developer" as const, "user" as const),
      fc.array(fc.oneof(text, image, file, audio), { minLength: 1, maxLength: 3 }),
      named,
    )
    .map(([role, content, more]) => ({ role, content, ...more })),
  fc
    .tuple(thinking, fc.array(text, { maxLength: 2 }), fc.option(refusal), toolCalls, named)
    .map(([thoughts, texts, refused, calls, more]) => ({
      role: "assistant" as const,
      content: [...thoughts, ...texts, ...(refused === null ? [] : [refused]), ...calls],
      ...more,
    })),
  fc
    .tuple(identifier, fc.array(text, { minLength: 1, maxLength: 2 }), named)
    .map(([tool_call_id, content, more]) => ({
      role: "tool" as const,
      tool_call_id,
      content,
      ...more,
    })),
);

const penalty = fc.double({ min: -2, max: 2, noNaN: true }).map(plain);
const settings = optional<Omit<ChatRequest, "messages" | "stream" | "include_usage" | "extra">>({
  max_output_tokens: fc.integer({ min: 1, max: 1_000_000 }),
  temperature: fc.double({ min: 0, max: 2, noNaN: true }).map(plain),
  top_p: unit.map(plain),
  top_k: count,
  frequency_penalty: penalty,
  presence_penalty: penalty,
  seed: fc.integer(),
  n: fc.integer({ min: 1, max: 128 }),
  stop: fc.array(word, { minLength: 1, maxLength: 3 }),
  logprobs: fc.boolean(),
  top_logprobs: fc.integer({ min: 0, max: 20 }),
  tools: fc.array(tool, { minLength: 1, maxLength: 2 }),
  tool_choice: fc.oneof(
    fc.constantFrom("auto" as const, "none" as const, "required" as const),
    fc.record({ name }),
  ),
  parallel_tool_calls: fc.boolean(),
  response_format: fc.oneof(
    fc.constantFrom({ type: "text" as const }, { type: "json_object" as const }),
    fc
      .tuple(name, schema, optional({ description: word, strict: fc.boolean() }))
      .map(([title, shape, more]) => ({
        type: "json_schema" as const,
        name: title,
        schema: shape,
        ...more,
      })),
  ),
  reasoning: fc
    .constantFrom("none", "minimal", "low", "medium", "high", "xhigh", "max")
    .map((effort) => ({ effort }) as NonNullable<ChatRequest["reasoning"]>),
  user: word,
  metadata: fc.dictionary(name, word, { minKeys: 1, maxKeys: 2 }),
  service_tier: fc.constantFrom("auto", "flex"),
});

const streaming = fc.constantFrom(
  { stream: false, include_usage: false },
  { stream: true, include_usage: false },
  { stream: true, include_usage: true },
);
const extras = fc.constantFrom(
  { extra: {} },
  { extra: { store: true, verbosity: "low" }, hints: ["store", "verbosity"] },
  { extra: { x_future: { deep: [1] } }, unportable: ["x_future"] },
);

export const MODEL = "some-model";
export const openAiRequest: fc.Arbitrary<ChatRequest> = fc
  .tuple(fc.array(message, { minLength: 1, maxLength: 4 }), settings, streaming, extras)
  .map(([messages, more, stream, extra]) => ({
    model: MODEL,
    messages,
    ...more,
    ...stream,
    ...extra,
  }))
  .map(wired);

const citation: fc.Arbitrary<Citation> = fc
  .tuple(fc.record({ url: link, title: word, start: count, end: count }), optional({ quote: word }))
  .map(([required, more]) => ({ ...required, ...more }));
const said: fc.Arbitrary<TextPart> = fc
  .tuple(
    word,
    optional({ citations: fc.array(citation, { minLength: 1, maxLength: 2 }), signature: word }),
  )
  .map(([words, more]) => ({ type: "text", text: words, ...more }));

const bare = fc.record({
  token: word,
  logprob: fc.double({ min: -30, max: 0, noNaN: true }).map(plain),
  bytes: fc.oneof(fc.constant(null), fc.array(fc.nat({ max: 255 }), { maxLength: 3 })),
});
const logprob: fc.Arbitrary<TokenLogprob> = fc
  .tuple(bare, fc.array(bare, { maxLength: 2 }))
  .map(([token, top_logprobs]) => ({ ...token, top_logprobs }));

const choice: fc.Arbitrary<Omit<Choice, "index">> = fc
  .record({
    thoughts: thinking,
    texts: fc.array(said, { maxLength: 1 }),
    refused: fc.option(refusal),
    calls: toolCalls,
    reason: fc.constantFrom("stop" as const, "length" as const, "content_filter" as const),
    more: optional({ logprobs: fc.array(logprob, { minLength: 1, maxLength: 2 }) }),
  })
  .map(({ thoughts, texts, refused, calls, reason, more }) => ({
    content: [...thoughts, ...texts, ...(refused === null ? [] : [refused]), ...calls],
    finish_reason: calls.length > 0 && reason === "stop" ? "tool_calls" : reason,
    ...more,
  }));

const usage = fc
  .tuple(
    fc.record({ input_tokens: count, output_tokens: count }),
    optional({
      cache_read_tokens: count,
      cache_write_5m_tokens: count,
      reasoning_tokens: count,
      audio_input_tokens: count,
      audio_output_tokens: count,
    }),
    fc.option(count),
  )
  .map(([required, more, long]) => ({
    ...required,
    ...more,
    ...(long === null || more.cache_write_5m_tokens === undefined
      ? {}
      : { cache_write_1h_tokens: long }),
  }));

export const openAiResponse: fc.Arbitrary<ChatResponse> = fc
  .record({
    id: identifier,
    model: word,
    created: count,
    choices: fc.array(choice, { minLength: 1, maxLength: 3 }),
    extra: fc.oneof(
      fc.constant({}),
      jsonObject.map((x_future) => ({ x_future })),
    ),
    more: optional({ usage }),
  })
  .map(({ choices, more, ...answer }) => ({
    ...answer,
    choices: choices.map((alternative, index) => ({ index, ...alternative })),
    ...more,
  }))
  .map(wired);
