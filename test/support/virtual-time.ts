/**
 * Decides: nothing: a clock for simulations. Time jumps from timer to timer; what a timer sets off has run
 * before the next one.
 */
import type { Clock } from "../../src/base/clock.ts";

export type VirtualTime = Clock & {
  /** A promise that resolves after `ms`. */
  sleep(ms: number): Promise<void>;
  /** Plays everything that is due within `ms`. */
  play(ms: number): Promise<void>;
};

type Timer = { readonly at: number; readonly order: number; readonly run: () => void };

/** Turns of the microtask queue within which a chain of promises in this project comes to its next timer. */
const TURNS = 40;

const isBefore = (a: Timer, b: Timer): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

export const createVirtualTime = (start = 1_700_000_000_000): VirtualTime => {
  let now = start;
  let made = 0;
  /** A binary heap. */
  const heap: Timer[] = [];
  const cancelled = new Set<number>();

  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]];
    if (one === undefined || other === undefined) return;
    heap[a] = other;
    heap[b] = one;
  };
  const goesFirst = (a: number, b: number): boolean => {
    const [one, other] = [heap[a], heap[b]];
    return one !== undefined && (other === undefined || isBefore(one, other));
  };
  const add = (timer: Timer): void => {
    heap.push(timer);
    for (let at = heap.length - 1; at > 0 && goesFirst(at, (at - 1) >> 1); at = (at - 1) >> 1) {
      swap(at, (at - 1) >> 1);
    }
  };
  const takeFirst = (): Timer | undefined => {
    const [first] = heap;
    swap(0, heap.length - 1);
    heap.pop();
    for (let at = 0; ; ) {
      const child = goesFirst(2 * at + 2, 2 * at + 1) ? 2 * at + 2 : 2 * at + 1;
      if (child >= heap.length || !goesFirst(child, at)) break;
      swap(child, at);
      at = child;
    }
    return first;
  };
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
  };
  const after = (ms: number, run: () => void): (() => void) => {
    made += 1;
    const order = made;
    add({ at: now + Math.max(0, ms), order, run });
    return () => cancelled.add(order);
  };
  return {
    now: () => now,
    after,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    play: async (ms) => {
      const until = now + ms;
      await settled();
      for (let next = heap[0]; next !== undefined && next.at <= until; next = heap[0]) {
        takeFirst();
        if (cancelled.delete(next.order)) continue;
        now = Math.max(now, next.at);
        next.run();
        await settled();
      }
      now = until;
    },
  };
};
