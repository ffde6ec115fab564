/**
 * Decides: the canonical form of a conversation – OpenAI chat, widened where other dialects know
 * more (thinking with signatures, citations, cache marks). Dialects translate to it and from it.
 * Never: appears on the wire. A request whose dialect is the target's own is not brought into it.
 */
import type { DialectName } from "./dialect-name.ts";
import type { Usage } from "./usage.ts";

/** Fields that the dialect read and the canonical form has no name for; same-dialect encoders put them back. */
export type Extra = Readonly<Record<string, unknown>>;

/** A provider prompt-cache mark standing on a part, a tool or a message. */
export type CacheMark = { readonly ttl?: "5m" | "1h" };

export type Source =
  | { readonly kind: "data"; readonly media_type: string; readonly data: string /* base64 */ }
  | { readonly kind: "url"; readonly url: string; readonly media_type?: string }
  | { readonly kind: "file"; readonly id: string; readonly media_type?: string }
  | { readonly kind: "text"; readonly text: string };

/** Where a statement of the answer comes from. `start` and `end` are characters of the text part. */
export type Citation = {
  readonly url?: string;
  readonly title?: string;
  readonly start?: number;
  readonly end?: number;
  readonly quote?: string;
  /** The dialect's own citation object, so that it returns unharmed to the same dialect. */
  readonly raw?: unknown;
};

export type TextPart = {
  readonly type: "text";
  readonly text: string;
  readonly cache?: CacheMark;
  readonly citations?: readonly Citation[];
  /** Gemini's opaque thoughtSignature where it stands on a text part. */
  readonly signature?: string;
  /** What else its own dialect said here; only that dialect gets it back. */
  readonly extra?: Extra;
};
export type ImagePart = {
  readonly type: "image";
  readonly source: Source;
  readonly detail?: string;
  readonly cache?: CacheMark;
  /** What else its own dialect said here; only that dialect gets it back. */
  readonly extra?: Extra;
};
export type FilePart = {
  readonly type: "file";
  readonly source: Source;
  readonly filename?: string;
  readonly cache?: CacheMark;
  /** What else its own dialect said here; only that dialect gets it back. */
  readonly extra?: Extra;
};
export type AudioPart = {
  readonly type: "audio";
  readonly format: string;
  readonly data: string;
  /** What else its own dialect said here; only that dialect gets it back. */
  readonly extra?: Extra;
};
export type RefusalPart = { readonly type: "refusal"; readonly text: string };
/** A reasoning block. `redacted` is the provider's encrypted form; then `text` is empty. */
export type ThinkingPart = {
  readonly type: "thinking";
  readonly text: string;
  readonly signature?: string;
  readonly redacted?: string;
  /** Who signed it, in OpenRouter's words ("anthropic-claude-v1"): nobody else can read the signature. */
  readonly format?: string;
  /** What else its own dialect said here; only that dialect gets it back. */
  readonly extra?: Extra;
};
export type ToolCallPart = {
  readonly type: "tool_call";
  readonly id: string;
  readonly name: string;
  /** JSON text, exactly as the model wrote it. */
  readonly arguments: string;
  readonly cache?: CacheMark;
  readonly signature?: string;
  /** What else its own dialect said here; only that dialect gets it back. */
  readonly extra?: Extra;
};
/** A block that only the named dialect knows (Anthropic's server tools …), unharmed. No other dialect carries it. */
export type OpaquePart = {
  readonly type: "opaque";
  readonly dialect: DialectName;
  readonly raw: Extra;
};
export type Part =
  | TextPart
  | ImagePart
  | FilePart
  | AudioPart
  | RefusalPart
  | ThinkingPart
  | ToolCallPart
  | OpaquePart;

export type Message =
  | {
      readonly role: "system" | "developer" | "user";
      readonly content: readonly Part[];
      readonly name?: string;
      readonly extra?: Extra;
    }
  | {
      readonly role: "assistant";
      readonly content: readonly Part[];
      readonly name?: string;
      readonly extra?: Extra;
    }
  | {
      readonly role: "tool";
      readonly tool_call_id: string;
      readonly content: readonly Part[];
      readonly name?: string;
      readonly is_error?: boolean;
      readonly cache?: CacheMark;
      readonly extra?: Extra;
    };

export type Tool = {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters?: Extra;
  readonly strict?: boolean;
  readonly cache?: CacheMark;
  /** The whole definition where it is one that only the caller's dialect knows (server tools). */
  readonly native?: Extra;
  /** What else its own dialect said here; only that dialect gets it back. */
  readonly extra?: Extra;
};

export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly schema: Extra;
      readonly description?: string;
      readonly strict?: boolean;
    };

export type Reasoning = {
  readonly effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
  /** Tokens; where a dialect knows only efforts or only budgets the encoder converts. */
  readonly budget_tokens?: number;
  /** Whether the thoughts themselves are wanted in the answer. */
  readonly include?: boolean;
  /** The model itself decides how much to think (Anthropic's `adaptive`). */
  readonly adaptive?: boolean;
};

export type ChatRequest = {
  readonly model?: string;
  readonly messages: readonly Message[];
  readonly stream: boolean;
  /** The caller asked for a usage chunk (OpenAI); dialects that always report usage set it. */
  readonly include_usage: boolean;
  readonly max_output_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly seed?: number;
  readonly n?: number;
  readonly stop?: readonly string[];
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly tools?: readonly Tool[];
  readonly tool_choice?: ToolChoice;
  readonly parallel_tool_calls?: boolean;
  readonly response_format?: ResponseFormat;
  readonly reasoning?: Reasoning;
  readonly user?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly service_tier?: string;
  readonly extra: Extra;
  /** Fields of the body, by path, that only the caller's own dialect can honour: elsewhere they are refused. */
  readonly unportable?: readonly string[];
  /** Fields of the body that only the caller's own dialect knows and that are hints: elsewhere dropped, and named. */
  readonly hints?: readonly string[];
};

export type FinishReason =
  | "stop"
  | "stop_sequence"
  | "length"
  | "tool_calls"
  | "content_filter"
  | "refusal"
  | "pause"
  | "context_window"
  | "unknown";

export type TokenLogprob = {
  readonly token: string;
  readonly logprob: number;
  readonly bytes?: readonly number[] | null;
  readonly top_logprobs?: readonly {
    readonly token: string;
    readonly logprob: number;
    readonly bytes?: readonly number[] | null;
  }[];
};

export type Choice = {
  readonly index: number;
  /** In the order in which the model gave them: thinking, text, tool calls, refusal. */
  readonly content: readonly Part[];
  readonly finish_reason: FinishReason;
  /** The sequence that ended the answer, where the provider tells. */
  readonly stop_sequence?: string;
  readonly logprobs?: readonly TokenLogprob[];
};

export type ChatResponse = {
  readonly id: string;
  /** What the provider says served. */
  readonly model: string;
  /** Seconds since the epoch; absent where the dialect has none. */
  readonly created?: number;
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly extra: Extra;
};
