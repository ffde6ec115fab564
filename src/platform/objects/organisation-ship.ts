/**
 * Decides: how what the object has to tell reaches the queue: in batches, in any order, until none is left or the
 * queue refuses; and when it is tried again.
 * Never: strikes out what the queue has not taken; what it takes twice changes nothing (usage.ts).
 */
import type { UsageMessage } from "../../domain/usage-message.ts";
import type { Denials } from "./organisation-denials.ts";
import type { Ledger } from "./organisation-ledger.ts";

/** Milliseconds. How long what has ended may wait for the queue; and when the queue refuses, at most. */
export const SHIP_MS = 2_000;
const MOST_SHIP_MS = 300_000;
/** A queue takes 100 messages and 256 kB at once; a row has about 1 kB, with many tags several. */
const AT_ONCE = 100;
const MOST_BYTES = 200_000;
/** Batches an alarm: 2,000 rows. The next alarm goes on. */
const MOST_BATCHES = 20;

export type Shipping = {
  /** As much as one alarm has time for. Never throws. */
  ship(): Promise<void>;
  /** Milliseconds until the next try, longer each time that the queue refuses; undefined: nothing waits. */
  pause(): number | undefined;
};

const utf8 = new TextEncoder();

const sizeOf = (message: UsageMessage): number => utf8.encode(JSON.stringify(message)).length;

type Sized = { readonly message: UsageMessage; readonly bytes: number };

/** Those at the front that go together; one at least. */
const fitting = (all: readonly Sized[]): readonly UsageMessage[] => {
  let sum = 0;
  const over = all.findIndex(({ bytes }, at) => {
    sum += bytes;
    return at > 0 && sum > MOST_BYTES;
  });
  return (over === -1 ? all : all.slice(0, over)).map(({ message }) => message);
};

export const createShipping = (parts: {
  readonly ledger: Pick<Ledger, "waiting" | "told" | "hasWaiting">;
  readonly denials: Pick<Denials, "keep" | "waiting" | "told">;
  readonly send: (messages: readonly UsageMessage[]) => Promise<unknown>;
}): Shipping => {
  const { ledger, denials, send } = parts;
  let refusals = 0;

  /** False when nothing is left. */
  const shipSome = async (): Promise<boolean> => {
    const rows = ledger.waiting(AT_ONCE);
    const tallies = denials.waiting(AT_ONCE - rows.length);
    if (rows.length + tallies.length === 0) return false;
    const sent = fitting([
      ...rows.map(({ row, bytes }) => ({ message: { kind: "row", row } as const, bytes })),
      ...tallies.map((message) => ({ message, bytes: sizeOf(message) })),
    ]);
    await send(sent);
    ledger.told(rows.slice(0, sent.length));
    denials.told(tallies.slice(0, Math.max(0, sent.length - rows.length)));
    return true;
  };

  return {
    async ship() {
      try {
        denials.keep();
        for (let batch = 0; batch < MOST_BATCHES && (await shipSome()); batch += 1);
        refusals = 0;
      } catch {
        refusals += 1;
      }
    },
    pause: () =>
      denials.keep() || ledger.hasWaiting()
        ? Math.min(MOST_SHIP_MS, SHIP_MS * 2 ** refusals)
        : undefined,
  };
};
