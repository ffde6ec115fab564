/**
 * Decides: what a door hands to the pipeline, and what it gets back.
 * Never: knows Hono; a door reads its dialect and its headers and builds this.
 */
import type { JsonBody } from "../base/json-body.ts";
import type { DialectName } from "../domain/dialect-name.ts";
import type { Endpoint } from "../domain/endpoint.ts";
import type { Failure } from "../domain/error.ts";
import type { Caller } from "../domain/tenant.ts";
import type { Ticket } from "./remember-ticket.ts";

/** The caller's wishes, header over body (contract.md section 2); checked for form, not for sense. */
export type Controls = {
  readonly fallback: readonly string[] | "none" | undefined;
  readonly cache: "off" | "refresh" | "only" | undefined;
  /** Seconds. */
  readonly cacheTtl: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  /** Milliseconds for the whole request; can only shorten. */
  readonly timeoutMs: number | undefined;
  readonly recovery: "continue" | "restart" | "hold" | "error" | undefined;
  readonly session: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** Milliseconds that the caller would wait for the reply of a run with the same Idempotency-Key. */
  readonly preferWaitMs?: number | undefined;
  /** The SDK's own count of how often it has tried this request before. */
  readonly clientRetries: number;
};

export type Ask = {
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
  /** Milliseconds since the epoch, of the request's arrival. */
  readonly at: number;
  readonly endpoint: Endpoint;
  readonly dialect: DialectName;
  readonly caller: Caller;
  readonly body: JsonBody;
  readonly controls: Controls;
  /** Allow-listed request headers that go upstream (anthropic-beta, traceparent …), lower case. */
  readonly forward: Readonly<Record<string, string>>;
  /** What the request has to tell of itself where it has an Idempotency-Key. */
  readonly once?: Ticket;
  /** The caller was read anew because the account knew of a change. */
  readonly isRenewed?: true;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
  /** Milliseconds that authentication took, for server-timing. */
  readonly authMs: number;
};

/** `headers` are the gateway's own (x-headgate-*, content-type, retry-after …); the door adds x-request-id. */
export type Reply =
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: string | Uint8Array | ReadableStream<Uint8Array>;
    }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** Facts known at the time of the failure (model, provider, attempts, server-timing). */
      readonly headers: Record<string, string>;
    };
