/**
 * Decides: which canonical requests Gemini's dialect can say in full: what its laws are tried on.
 * Never: leaves out a field that it can say.
 */
import fc from "fast-check";
import type { ChatRequest, Message, Part } from "../../src/domain/chat.ts";
import { name, optional, graphemes as word } from "./dialects-canonical.ts";

const base64 = fc.constantFrom("AA==", "AAAA", "Zm9v");

const textPart: fc.Arbitrary<Part> = fc
  .tuple(word, optional({ signature: base64 }))
  .map(([text, more]) => ({ type: "text", text, ...more }));
const image: fc.Arbitrary<Part> = fc.oneof(
  base64.map(
    (data): Part => ({
      type: "image",
      source: { kind: "data", media_type: "image/webp", data },
    }),
  ),
  fc.webUrl().map(
    (url): Part => ({
      type: "image",
      source: { kind: "url", url, media_type: "image/png" },
    }),
  ),
);
const file: fc.Arbitrary<Part> = base64.map((data) => ({
  type: "file",
  source: { kind: "data", media_type: "application/pdf", data },
}));
const audio: fc.Arbitrary<Part> = fc
  .tuple(fc.constantFrom("mp3", "wav", "flac"), base64)
  .map(([format, data]) => ({ type: "audio", format, data }));
const thinking: fc.Arbitrary<Part> = fc
  .tuple(word, fc.option(base64, { nil: undefined }))
  .map(([text, signature]) => ({
    type: "thinking",
    text,
    ...(signature === undefined ? {} : { signature, format: "google-gemini-v1" }),
  }));

const user: fc.Arbitrary<Message> = fc
  .array(fc.oneof(textPart, image, file, audio), { minLength: 1, maxLength: 3 })
  .map((content) => ({ role: "user", content }));

/** A model's turn, and the results of its calls. */
const exchange: fc.Arbitrary<Message[]> = fc
  .record({
    said: fc.array(fc.oneof(textPart, thinking), { minLength: 1, maxLength: 3 }),
    calls: fc.array(
      fc.record({
        id: fc.uuid(),
        name,
        value: fc.dictionary(name, fc.oneof(fc.integer(), word, fc.constant(null))),
        signature: fc.option(base64, { nil: undefined }),
        result: word,
        failed: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ said, calls }) => [
    {
      role: "assistant",
      content: [
        ...said,
        ...calls.map(
          (call): Part => ({
            type: "tool_call",
            id: call.id,
            name: call.name,
            arguments: JSON.stringify(call.value),
            ...(call.signature === undefined ? {} : { signature: call.signature }),
          }),
        ),
      ],
    },
    ...calls.map(
      (call): Message => ({
        role: "tool",
        tool_call_id: call.id,
        content: [{ type: "text", text: call.result }],
        ...(call.failed ? { is_error: true } : {}),
      }),
    ),
  ]);

const system: fc.Arbitrary<Message[]> = fc
  .array(
    word.map((text): Part => ({ type: "text", text })),
    { maxLength: 2 },
  )
  .map((content) => (content.length === 0 ? [] : [{ role: "system", content }]));

const messages: fc.Arbitrary<Message[]> = fc
  .tuple(system, fc.array(fc.tuple(user, exchange), { minLength: 1, maxLength: 3 }))
  .map(([first, turns]) => [...first, ...turns.flatMap(([asked, answer]) => [asked, ...answer])]);

const schema = fc.constant({ type: "object", properties: { a: { type: ["string", "null"] } } });
const number = fc.double({ min: 0, max: 2, noNaN: true });

const settings = optional<Omit<ChatRequest, "messages" | "stream" | "include_usage" | "extra">>({
  temperature: number,
  top_p: number,
  top_k: fc.nat(100),
  frequency_penalty: number,
  presence_penalty: number,
  max_output_tokens: fc.nat(10_000),
  seed: fc.integer(),
  n: fc.integer({ min: 1, max: 8 }),
  stop: fc.array(word, { minLength: 1, maxLength: 3 }),
  logprobs: fc.boolean(),
  top_logprobs: fc.nat(20),
  tools: fc.array(
    fc
      .tuple(name, optional({ description: word, parameters: schema }))
      .map(([tool, more]) => ({ name: tool, ...more })),
    { minLength: 1, maxLength: 3 },
  ),
  tool_choice: fc.oneof(
    fc.constantFrom("auto" as const, "none" as const, "required" as const),
    fc.record({ name }),
  ),
  response_format: fc.oneof(
    fc.constantFrom({ type: "text" as const }, { type: "json_object" as const }),
    schema.map((value) => ({
      type: "json_schema" as const,
      name: "response",
      schema: value,
    })),
  ),
  reasoning: fc.oneof(
    fc.record({ effort: fc.constantFrom("minimal" as const, "low" as const, "high" as const) }),
    fc.record({ budget_tokens: fc.nat(30_000), include: fc.boolean() }),
    fc.constant({ adaptive: true }),
  ),
});

export const geminiRequests: fc.Arbitrary<ChatRequest> = fc
  .tuple(messages, settings)
  .map(([conversation, fields]) => ({
    messages: conversation,
    stream: false,
    include_usage: true,
    extra: {},
    ...fields,
  }));
