/**
 * Decides: what the pipeline may ask of the outside. The only wall between pipeline and platform.
 * Never: names Cloudflare. Each port is a few functions, with a no-op beside it where that makes sense.
 */
import type { Clock, Random } from "./base/clock.ts";
import type { Result } from "./base/result.ts";
import type { Secret } from "./base/secret.ts";
import type { Snapshot } from "./domain/config/snapshot.ts";
import type { RequestRecord } from "./domain/record.ts";
import type { Caller } from "./domain/tenant.ts";
import type { LoadTokenizer } from "./policy/tokens/tokenizer.ts";
import type { CanaryOutcome } from "./policy/view/canary.ts";

/** The configuration that a new request has to use. */
export type Settings = {
  current(): Snapshot | Promise<Snapshot>;
};

/** Verifies a data key. Every refusal looks the same to the caller. */
export type Keys = {
  verify(token: string): Promise<Result<Caller, "invalid" | "wrong_class">>;
};

/** Environment secrets by name; undefined where unset or empty. */
export type Secrets = {
  get(name: string): Secret | undefined;
};

export type Dispatch = {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
};

export type UpstreamAnswer = {
  readonly status: number;
  readonly headers: Headers;
  /** Null where the answer has no body. Whoever drops an answer cancels it. */
  readonly body: ReadableStream<Uint8Array> | null;
};

/**
 * Sends one request to a provider. Follows no redirect, refuses an address that the configuration
 * may not name, and is told when to give up by `signal` alone.
 */
export type Upstream = {
  send(
    dispatch: Dispatch,
    signal: AbortSignal,
  ): Promise<Result<UpstreamAnswer, "unreachable" | "aborted" | "forbidden">>;
};

/** The Workers AI binding, where there is one. */
export type WorkersAi = {
  run(model: string, input: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
};

/** What this isolate has learnt of models by trying; forgotten with it. */
export type Learned = {
  /** A prefill was refused by this model before. */
  refusesPrefill(model: string): boolean;
  prefillRefused(model: string): void;
};

/** Takes the finished record of a request: log line now; ledger, counters and spans later. */
export type Telemetry = {
  finished(record: RequestRecord): void;
};
export const noTelemetry: Telemetry = { finished: () => {} };

/** Counts the answered requests of canaries by their arm. Takes no time and never fails. */
export type Canaries = {
  finished(outcome: CanaryOutcome): void;
};
export const noCanaries: Canaries = { finished: () => {} };

export type Deps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly keys: Keys;
  readonly secrets: Secrets;
  readonly upstream: Upstream;
  readonly workersAi: WorkersAi | undefined;
  readonly telemetry: Telemetry;
  readonly canaries: Canaries;
  readonly learned: Learned;
  /** The real tokenizers, read when somebody first counts. */
  readonly loadTokenizer: LoadTokenizer;
  /** A pipe with back-pressure whose readable side the runtime sends without our help. */
  createPipe(): {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
  };
  /** Keeps the isolate alive for work after the answer. */
  background(work: Promise<unknown>): void;
};
