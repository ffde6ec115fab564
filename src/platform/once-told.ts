/**
 * Decides: how a stream's bytes come to the organisation's object for those who follow it: gathered for a quarter
 * of a second, one piece after the other.
 * Never: makes the caller wait, or goes on telling once something has been lost.
 */
import type { Clock } from "../base/clock.ts";
import { copiedBytes } from "../base/joined-bytes.ts";
import type { Result } from "../base/result.ts";
import type { OnceCalls, OnceHead } from "./objects/organisation-once-calls.ts";
import type { Unreached } from "./organisation-reach.ts";

/** Asks the organisation's object. `ms`: how long to wait for it. */
export type AskObject = <T>(
  ask: (object: OnceCalls) => Promise<T>,
  ms?: number,
) => Promise<Result<T, Unreached>>;

/** Milliseconds and bytes: a piece is told when either is reached. Each costs a call of the object. */
const GATHER_MS = 250;
const GATHER_BYTES = 64 * 1024;
/** Bytes that may wait for an object that is slow. */
const MOST_WAITING = 1024 * 1024;

export type Told = {
  add(head: OnceHead, bytes: Uint8Array): void;
  /** Tells what waits. The number of pieces told; undefined where not all has arrived. */
  flush(): Promise<number | undefined>;
};

export type TellingParts = {
  readonly clock: Clock;
  readonly ask: AskObject;
  readonly background: (work: Promise<unknown>) => void;
  readonly id: string;
  readonly fence: number;
};

export const createTold = (parts: TellingParts): Told => {
  const { clock, ask, background, id, fence } = parts;
  let head: OnceHead | undefined;
  let waiting: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  let isLost = false;
  let telling: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;

  const lose = (): void => {
    isLost = true;
    waiting = [];
    size = 0;
  };

  const tell = async (): Promise<void> => {
    const bytes = copiedBytes(waiting, size);
    const piece = { number, head: number === 0 ? head : undefined, bytes };
    waiting = [];
    size = 0;
    const arrived = await ask((object) => object.oncePiece(id, fence, piece));
    number += 1;
    telling = undefined;
    if (arrived.ok && arrived.value) plan();
    else lose();
  };

  const tellNow = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (telling !== undefined || size === 0) return;
    telling = tell();
    background(telling);
  };

  const plan = (): void => {
    if (size >= GATHER_BYTES) tellNow();
    else if (size > 0) cancelTimer ??= clock.after(GATHER_MS, tellNow);
  };

  return {
    add(first, bytes) {
      if (isLost || bytes.byteLength === 0) return;
      head ??= first;
      waiting.push(bytes);
      size += bytes.byteLength;
      if (size > MOST_WAITING) lose();
      else if (telling === undefined) plan();
    },

    async flush() {
      while (telling !== undefined || size > 0) {
        tellNow();
        await telling;
      }
      return isLost ? undefined : number;
    },
  };
};
