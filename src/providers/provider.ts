/**
 * Decides: what has to be known of a provider to send it a request: address, key, and its quirks.
 * Never: sends anything, and never knows a dialect's fields beyond the few quirks below.
 */
import type { Secret } from "../base/secret.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { Target } from "../domain/target.ts";

export type Operation = "chat" | "embeddings" | "count_tokens";

export type Address = {
  readonly url: string;
  /** Lower case. The key stands in one of them, never in the address. */
  readonly headers: Readonly<Record<string, string>>;
};

export type Quirks = {
  /** Takes OpenAI's `stream_options`; one that does not reports usage unasked, or refuses unknown fields. */
  readonly streamOptions: boolean;
  /** Knows the output cap by its older name, `max_tokens`, only. */
  readonly olderOutputCap: boolean;
  /** How a prefill is marked: on the last message, and beside the messages. */
  readonly prefill: { readonly message: object; readonly body: object };
  /** What it takes beyond OpenAI's own fields: earlier thoughts, marks for the prompt cache. */
  readonly extensions: ReadonlySet<"reasoning" | "cache_control">;
  /** Its own servers refuse a message with thoughts or signatures, and have never written one. */
  readonly refusesThoughts: boolean;
};

/** A whole answer made without a network. */
export type LocalAnswer = {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
};

export type Provider = {
  /** Used where the configuration gives no base_url. */
  readonly baseUrl: string | undefined;
  /** Whether a call without a credential is refused before it is made. */
  readonly needsKey: boolean;
  readonly operations: ReadonlySet<Operation>;
  readonly quirks: Quirks;
  address(
    target: Target,
    base: string,
    operation: Operation,
    stream: boolean,
    key: Secret | undefined,
  ): Address;
  /** Answers by itself; then `address` is not asked. */
  readonly local?: (operation: Operation, body: string) => LocalAnswer;
  /** Reached through the platform's binding; then `address` is not asked. */
  readonly binding?: "workers-ai";
  /** Speaks its dialect with an accent: answers are read by this one and are never passed through. */
  readonly accent?: Dialect;
};

/** Of a provider whose dialect is its own, so that nobody else's fields come near it. */
export const PLAIN: Quirks = {
  streamOptions: false,
  olderOutputCap: false,
  prefill: { message: {}, body: {} },
  extensions: new Set(),
  refusesThoughts: false,
};

/** For providers that have no address. */
export const nowhere = (): Address => ({ url: "", headers: {} });

/** A model's name as path segments: nothing in it can leave them, and dots climb nowhere. */
export const pathSegments = (name: string): string =>
  name
    .split("/")
    .filter((segment) => segment !== "." && segment !== "..")
    .map(encodeURIComponent)
    .join("/");

/** Joined without a doubled slash. */
export const join = (base: string, path: string): string =>
  `${base.endsWith("/") ? base.slice(0, -1) : base}${path}`;
