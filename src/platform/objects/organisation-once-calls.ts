/**
 * Decides: what isolates and an organisation's object say to each other of requests with an Idempotency-Key.
 * Never: carries a key, or a reply that anybody but its tenant's isolates could read once it is kept.
 *
 * Every call may be repeated: a run is known by its owner's name, a write by its fence, a piece by its number.
 */
import type { Conflict } from "../../policy/idempotency/machine.ts";
import type { Principal } from "./organisation-calls.ts";

/** A request that asks whether it runs. */
export type OnceWish = {
  /** Whose it is: a key that was revoked is given no reply, nor is one by what it was before a change. */
  readonly principal: Principal;
  /** A hash of scope and key: which record is meant. */
  readonly id: string;
  /** A hash of the request. */
  readonly fingerprint: string;
  /** The run's own random name. */
  readonly owner: string;
};

export type OnceAnswer =
  | { readonly is: "go"; readonly fence: number }
  /** `reply`: as the run sealed it. */
  | { readonly is: "replay"; readonly reply: Uint8Array }
  /** `revoked`: the caller's key is. `stale`: his record is older than a change. */
  | { readonly is: "refused"; readonly code: Conflict | "revoked" | "stale" };

/** Status and headers of a stream that is under way. */
export type OnceHead = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
};

/** Some of a stream's bytes; the first piece, number 0, has the head. */
export type OncePiece = {
  readonly number: number;
  readonly head: OnceHead | undefined;
  readonly bytes: Uint8Array;
};

/** `over`: the run has ended, ask again; `late`: it has not, and the time is up. */
export type OnceAttached =
  | { readonly is: "live"; readonly head: OnceHead; readonly body: ReadableStream<Uint8Array> }
  | { readonly is: "over" }
  | { readonly is: "late" };

/** What a run leaves: its sealed reply, nothing because it was too large, or a free key. */
export type OnceEnd =
  | { readonly is: "done"; readonly reply: Uint8Array }
  | { readonly is: "done_large" }
  | { readonly is: "free" };

/** Booleans: whether the run with this fence still has the record; if not, nothing was written. */
export type OnceCalls = {
  onceBegin(wish: OnceWish): Promise<OnceAnswer>;
  /** Before the first provider is asked. */
  onceDispatched(id: string, fence: number): Promise<boolean>;
  /** Every 20 seconds. */
  onceRenew(id: string, fence: number): Promise<boolean>;
  /** `pieces`: how many whoever follows has to get; undefined where not all of the stream was told. */
  onceEnd(id: string, fence: number, end: OnceEnd, pieces: number | undefined): Promise<boolean>;
  /** False where nobody can follow any more. */
  oncePiece(id: string, fence: number, piece: OncePiece): Promise<boolean>;
  /** Waits for the beginning of a stream, or for the end of the run; `waitMs` at most. */
  onceAttach(id: string, fingerprint: string, waitMs: number): Promise<OnceAttached>;
};
