/**
 * Decides: what the pipeline may ask of the outside. The only wall between pipeline and platform.
 * Never: names Cloudflare. Each port is a few functions, with a no-op beside it where that makes sense.
 */
import type { Clock, Random } from "./base/clock.ts";
import type { Result } from "./base/result.ts";
import type { Secret } from "./base/secret.ts";
import type { Alert } from "./domain/alert.ts";
import type { Snapshot } from "./domain/config/snapshot.ts";
import { type Failure, failure } from "./domain/error.ts";
import type { RequestRecord } from "./domain/record.ts";
import type { Target } from "./domain/target.ts";
import type { Caller } from "./domain/tenant.ts";
import type { Expectation, SizeSample } from "./policy/limits/learned-sizes.ts";
import type { TargetHealth } from "./policy/routing/health.ts";
import type { LoadTokenizer } from "./policy/tokens/tokenizer.ts";
import type { CanaryOutcome } from "./policy/view/canary.ts";
import type { Limiter, OwnAccount } from "./ports-account.ts";
import type { Flights, ResponseCache } from "./ports-cache.ts";
import type { LoadSemantic } from "./ports-semantic.ts";

/** The configuration that a new request has to use. */
export type Settings = {
  current(): Snapshot | Promise<Snapshot>;
};

/** Verifies a data key. Every refusal looks the same to the caller. */
export type Keys = {
  verify(token: string): Promise<Result<Caller, "invalid" | "wrong_class">>;
  /** The caller as the source has him now; undefined where the key is no longer live. */
  refresh(caller: Caller): Promise<Caller | undefined>;
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

/** Leave to call a target now; its probe's epoch where the call is the one probe in the world. */
export type Pass = { readonly probe: number | undefined };

/** What one attempt came to. Times in milliseconds; `until` is an epoch time that the provider named. */
export type AttemptOutcome = {
  readonly kind: "ok" | "fail" | "timeout" | "throttle" | "ignore";
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number | undefined;
  readonly until: number | undefined;
  /** What it used of the provider's token quota; what was admitted beyond it is given back. */
  readonly tokens?: number | undefined;
  readonly costNanoUsd?: number | undefined;
};

/** What is known of targets all over the world, at most a second old, and what is told of them. */
export type Health = {
  /** Never waits. */
  view(target: Target): TargetHealth | undefined;
  /**
   * Whether it may be called now, by breaker and by provider quota. A healthy target costs no round trip;
   * a half-open one asks for the probe. Every pass is given back by one `report`. `repeat`: it is more than
   * the caller brought (a repeat, a fallback, a hedge), and counts as one for `mayRepeat` while it lasts.
   */
  admit(
    target: Target,
    org: string,
    cost: { readonly requests: number; readonly tokens: number; readonly repeat?: boolean },
  ): Pass | undefined | Promise<Pass | undefined>;
  report(target: Target, pass: Pass, outcome: AttemptOutcome): void;
  /** Whether the target's retry budget allows a repeat, a fallback to it, or a hedge. */
  mayRepeat(target: Target): boolean;
  credentialUsable(target: Target, secret: string): boolean;
  reportCredential(target: Target, secret: string, refused: boolean): void;
};
export const noHealth: Health = {
  view: () => undefined,
  admit: () => ({ probe: undefined }),
  report: () => {},
  mayRepeat: () => true,
  credentialUsable: () => true,
  reportCredential: () => {},
};

/** What this isolate has learnt of models by trying; forgotten with it. */
export type Learned = {
  /** A prefill was refused by this model before. */
  refusesPrefill(model: string): boolean;
  prefillRefused(model: string): void;
  /** Whose turn it is on a route: a number that goes up by one at each call. */
  turn(route: string): number;
  /** How large the model's calls have lately been; what one more came to. */
  sizes(model: string): Expectation;
  sized(model: string, sample: SizeSample): void;
};

/** Takes the finished record of a request; its row of the ledger goes with `Limiter.end`. */
export type Telemetry = {
  finished(record: RequestRecord): void;
};
export const noTelemetry: Telemetry = { finished: () => {} };

/** Counts the answered requests of canaries by their arm. Takes no time and never fails. */
export type Canaries = {
  finished(outcome: CanaryOutcome): void;
};
export const noCanaries: Canaries = { finished: () => {} };

/** What a caller got, as it is given again. `body` is a stream only where the run is still under way. */
export type KeptReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
};

/** The one run under an Idempotency-Key. It renews itself until it is ended; none of this throws. */
export type OnceRun = {
  /** To be waited for before a provider is asked; a failure: nothing may be sent. */
  dispatched(): Promise<Failure | undefined>;
  /** Some of a stream's bytes, for those who follow it. Takes no time. */
  told(head: Omit<KeptReply, "body">, bytes: Uint8Array): void;
  /** `too_large`: it ended well, and is not kept. `toldAll`: those who follow have all of it. */
  done(
    reply: (KeptReply & { readonly body: Uint8Array }) | "too_large",
    toldAll: boolean,
  ): Promise<void>;
  /** The key may be used again. */
  free(toldAll: boolean): Promise<void>;
  /** Nobody knows what came of it: the record falls into doubt by itself. */
  abandon(): void;
};

/** Sees to it that requests with one Idempotency-Key run once. */
export type Once = {
  begin(wish: {
    readonly caller: Caller;
    readonly requestId: string;
    readonly key: string;
    /** The same for two requests that ask for the same. */
    readonly requestText: string;
    /** Milliseconds that the caller would wait for another run's reply. */
    readonly waitMs: number;
  }): Promise<
    | { readonly is: "go"; readonly run: OnceRun }
    | { readonly is: "replay"; readonly reply: KeptReply }
    | { readonly is: "refused"; readonly failure: Failure }
    /** The caller's record is older than a change that has been made. */
    | { readonly is: "stale" }
  >;
};
/** Where nothing remembers, nothing runs unprotected. */
export const noOnce: Once = {
  begin: async () => ({ is: "refused", failure: failure("limiter_unavailable") }),
};

/** Calls an operator. Takes no time and never fails; the same thing is told once in a while. */
export type Alerts = {
  raise(alert: Alert): void;
};
export const noAlerts: Alerts = { raise: () => {} };

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
  readonly health: Health;
  readonly learned: Learned;
  readonly once: Once;
  readonly alerts: Alerts;
  readonly limiter: Limiter;
  readonly cache: ResponseCache;
  readonly flights: Flights;
  readonly loadSemantic: LoadSemantic;
  readonly account: OwnAccount;
  /** A mark by which the same prompt of the same tenant is known again, and nothing else of it. */
  promptHash(tenant: string, text: string): Promise<string>;
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
