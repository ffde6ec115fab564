/**
 * Decides: what a test upstream has to know of a wire format.
 * Never: decides when something is sent; that is the conduct.
 */
import type { Answer, Asked } from "./upstream-answer.ts";

/** A streamed answer in the pieces at which a fault can strike. Each is one whole SSE event as text. */
export type Stream = {
  /** Before the first content. */
  readonly open: readonly string[];
  /** One event a token, or a piece of a tool's arguments. */
  readonly content: readonly string[];
  /** Finish reason and usage. */
  readonly close: readonly string[];
  /** The dialect's terminal mark; empty where it has none. */
  readonly terminal: string;
};

export type Wire = {
  readonly dialect: "openai" | "anthropic" | "gemini";
  /** `model` and `stream` may stand in the path. */
  readonly read: (path: string, body: Body) => Asked;
  readonly whole: (model: string, answer: Answer) => unknown;
  readonly stream: (model: string, answer: Answer, asked: Asked) => Stream;
  readonly error: (fault: UpstreamFault) => unknown;
  /** The same, in the middle of a stream. */
  readonly errorEvent: (fault: UpstreamFault) => string;
};

export type Body = Readonly<Record<string, unknown>>;

/** An error in words; each dialect writes it down as its provider does. */
export type UpstreamFault = {
  readonly status: number;
  readonly code?: string;
  readonly message: string;
};

export const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

export const list = (value: unknown): readonly Body[] =>
  Array.isArray(value) ? (value as Body[]) : [];

export const object = (value: unknown): Body | undefined =>
  typeof value === "object" && value !== null ? (value as Body) : undefined;

export const number = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;
