/**
 * Decides: which canonical answers Gemini's dialect can say in full: what its laws are tried on.
 * Never: leaves out what a Gemini answer can hold.
 */
import fc from "fast-check";
import type { ChatResponse, Choice, Part } from "../../src/domain/chat.ts";
import type { Usage } from "../../src/domain/usage.ts";
import { name, graphemes as word } from "./dialects-canonical.ts";

const signature = fc.option(fc.constantFrom("AA==", "Zm9v"), { nil: undefined });
const signed = (value: string | undefined) => (value === undefined ? {} : { signature: value });

const thinking = fc.tuple(word, signature).map(
  ([text, sign]): Part => ({
    type: "thinking",
    text,
    ...signed(sign),
    ...(sign === undefined ? {} : { format: "google-gemini-v1" }),
  }),
);

/** A statement has a source and a place in the text, counted in characters but never inside one. */
const text = fc
  .tuple(word, signature, fc.array(fc.tuple(fc.webUrl(), word, fc.nat()), { maxLength: 2 }))
  .map(([words, sign, sources]): Part => {
    const places = [...words].map((_, at, all) => all.slice(0, at + 1).join("").length);
    const citations = sources.map(([url, title, at]) => ({
      url,
      title,
      start: 0,
      end: places[at % places.length] ?? 0,
      quote: words,
    }));
    return {
      type: "text",
      text: words,
      ...signed(sign),
      ...(citations.length > 0 ? { citations } : {}),
    };
  });

const call = fc.tuple(fc.uuid(), name, fc.dictionary(name, word), signature).map(
  ([id, called, args, sign]): Part => ({
    type: "tool_call",
    id,
    name: called,
    arguments: JSON.stringify(args),
    ...signed(sign),
  }),
);

const logprobs = fc.array(
  fc.record({
    token: word,
    logprob: fc.double({ min: -9, max: -0.1, noNaN: true }),
    top_logprobs: fc.array(
      fc.record({ token: word, logprob: fc.double({ min: -9, max: -0.1, noNaN: true }) }),
      { maxLength: 2 },
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

const choice = fc
  .record({
    thoughts: fc.array(thinking, { maxLength: 1 }),
    texts: fc.array(text, { maxLength: 1 }),
    calls: fc.array(call, { maxLength: 3 }),
    reason: fc.constantFrom("stop", "length", "content_filter", "unknown"),
    logprobs: fc.option(logprobs, { nil: undefined }),
  })
  .map(({ thoughts, texts, calls, reason, logprobs: told }) => ({
    content: [...thoughts, ...texts, ...calls],
    finish_reason: reason === "stop" && calls.length > 0 ? "tool_calls" : reason,
    ...(told !== undefined && texts.length > 0 ? { logprobs: told } : {}),
  }));

const tokens = fc.nat(100_000);
/** As Gemini counts: every figure may be absent, but a part is never told without its whole. */
const usage: fc.Arbitrary<Usage> = fc
  .record({ input: tokens, cached: tokens, answer: tokens, thoughts: tokens, audio: tokens })
  .chain(({ input, cached, answer, thoughts, audio }) =>
    fc.constantFrom<Usage>(
      { input_tokens: input },
      { input_tokens: input, output_tokens: answer },
      { input_tokens: 0, cache_read_tokens: cached, output_tokens: 0 },
      {
        input_tokens: input,
        cache_read_tokens: cached,
        output_tokens: answer + thoughts,
        reasoning_tokens: thoughts,
      },
      { input_tokens: input, audio_input_tokens: audio, output_tokens: answer },
    ),
  );

export const geminiAnswers: fc.Arbitrary<ChatResponse> = fc
  .record({
    id: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
    model: name,
    choices: fc.array(choice, { minLength: 1, maxLength: 2 }),
    usage: fc.option(usage, { nil: undefined }),
  })
  .map(({ id, model, choices, usage: used }) => ({
    id,
    model,
    choices: choices.map((one, index) => ({ index, ...one }) as Choice),
    ...(used === undefined ? {} : { usage: used }),
    extra: {},
  }));
