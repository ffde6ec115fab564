/**
 * Decides: what a dialect – a wire format – has to know, both ways, against the canonical form.
 * Never: knows who speaks it (providers), or when it is used (pipeline).
 */

import type { Result } from "../base/result.ts";
import type { SseEvent } from "../base/sse.ts";
import type { ChatRequest, ChatResponse } from "../domain/chat.ts";
import type { DialectName } from "../domain/dialect-name.ts";
import type { Failure } from "../domain/error.ts";
import type { ChatEvent } from "../domain/event.ts";
import type { UpstreamError } from "../domain/upstream-error.ts";
import type { Usage } from "../domain/usage.ts";

/** What a request encoder has to know of the model that it writes for. */
export type EncodeFor = {
  /** The name upstream. */
  readonly model: string;
  readonly capabilities: ReadonlySet<string>;
  /** Tokens; needed by dialects in which an output cap is mandatory. */
  readonly maxOutput: number | undefined;
  /** The caller's dialect: its `extra` fields survive only into the same one. */
  readonly from: DialectName;
  /**
   * What an OpenAI look-alike understands beyond OpenAI; nothing where absent. `reasoning`: thoughts
   * come back as `reasoning_content`, `reasoning_details` and signed tool calls. `cache_control`:
   * marks on parts and tools.
   */
  readonly extensions?: ReadonlySet<"reasoning" | "cache_control">;
};

export type Encoded = {
  readonly body: Record<string, unknown>;
  /** Hints that the dialect cannot carry, by the caller's field name; for x-headgate-dropped. */
  readonly dropped: readonly string[];
};

/** What has to be known of the model that a body stays as it is for. */
export type ClearFor = {
  /** The name upstream. */
  readonly model: string;
  /** The server refuses thoughts and signatures in messages, and has never written any. */
  readonly refusesThoughts: boolean;
};

/** Top-level fields of a body that stays in its dialect, changed; undefined leaves one out. */
export type Cleared = {
  readonly edits: Readonly<Record<string, unknown>>;
  /** As in `Encoded`. */
  readonly dropped: readonly string[];
};

/** One stream's memory, upstream side. */
export type StreamDecoder = {
  /** Events of one SSE event, in order. `err` marks one malformed event; the stream may go on. */
  decode(event: SseEvent): Result<readonly ChatEvent[], "malformed">;
  /** What the end of the bytes adds (dialects without a terminal mark). */
  finish(): readonly ChatEvent[];
};

/** What an answer's encoder may need beyond the canonical answer. */
export type AnswerContext = {
  /** Shown as `id` where the canonical answer has none. */
  readonly requestId: string;
  /** Seconds since the epoch, for dialects whose answers carry a time and whose source has none. */
  readonly created: number;
  /** Whether the caller wants a usage chunk (OpenAI); others always report it. */
  readonly includeUsage: boolean;
  /** The dialect in which the answer came: its `extra` fields survive only into the same one. */
  readonly from?: DialectName;
  /** What stands as `headgate` in the usage chunk; asked for when that is written. */
  readonly coda?: () => Readonly<Record<string, unknown>>;
  /** Whether the coda has to stand in the last event although nobody asked for a usage chunk. */
  readonly mustTell?: () => boolean;
};

/** One stream's memory, caller side: canonical events in, bytes of whole frames (as text) out. */
export type StreamEncoder = {
  encode(event: ChatEvent): string;
};

export type Dialect = {
  readonly name: DialectName;
  readonly request: {
    /** A caller's body into the canonical form; a wrong or unsupported field is a Failure with `param`. */
    decode(body: Record<string, unknown>): Result<ChatRequest, Failure>;
    /** The canonical form into an upstream body. What cannot be carried is refused or named in `dropped`. */
    encode(request: ChatRequest, target: EncodeFor): Result<Encoded, Failure>;
    /**
     * What has to leave a body of this dialect before that model: marks that the gateway itself has put into other
     * models' answers, sent back by a caller. Undefined where there is nothing.
     */
    readonly clear?: (body: Record<string, unknown>, target: ClearFor) => Cleared | undefined;
  };
  readonly response: {
    /** An upstream's whole answer; `invalid` when it is not one of this dialect. */
    decode(body: unknown): Result<ChatResponse, "invalid">;
    encode(response: ChatResponse, context: AnswerContext): Record<string, unknown>;
    /** Only the usage of a whole answer: for pass-through, where nothing else is decoded. */
    usage(body: unknown): Usage | undefined;
  };
  readonly stream: {
    decoder(): StreamDecoder;
    encoder(context: AnswerContext): StreamEncoder;
  };
  readonly error: {
    /** An upstream's error body (whole, or the data of an in-band error event); undefined when it is none. */
    decode(body: unknown): UpstreamError | undefined;
  };
};
