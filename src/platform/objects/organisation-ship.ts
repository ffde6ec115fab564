/**
 * Decides: how what the object has to tell reaches the queue: in batches, oldest first, until none is left or
 * the queue refuses.
 * Never: strikes out what the queue has not taken; what it takes twice changes nothing (usage.ts).
 */
import type { UsageMessage } from "../../domain/usage-message.ts";
import type { Denials } from "./organisation-denials.ts";
import type { Ledger } from "./organisation-ledger.ts";

/** A queue takes 100 messages and 256 kB at once; a row has about 1 kB, with many tags several. */
const AT_ONCE = 100;
const MOST_BYTES = 200_000;
/** Batches an alarm: 2,000 rows. The next alarm goes on. */
const MOST_BATCHES = 20;

export type Shipping = {
  readonly ledger: Ledger;
  readonly denials: Denials;
  readonly send: (messages: readonly UsageMessage[]) => Promise<unknown>;
};

const utf8 = new TextEncoder();

/** Those at the front that go together; one at least. */
const fitting = (messages: readonly UsageMessage[]): readonly UsageMessage[] => {
  let bytes = 0;
  const over = messages.findIndex((message, at) => {
    bytes += utf8.encode(JSON.stringify(message)).length;
    return at > 0 && bytes > MOST_BYTES;
  });
  return over === -1 ? messages : messages.slice(0, over);
};

/** True when something is left to tell. Throws what the queue throws. */
export const ship = async ({ ledger, denials, send }: Shipping): Promise<boolean> => {
  denials.keep();
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    const rows = ledger.waiting(AT_ONCE);
    const tallies = denials.waiting(AT_ONCE - rows.length);
    if (rows.length + tallies.length === 0) return false;
    const all = [...rows.map(({ row }) => ({ kind: "row", row }) as const), ...tallies];
    const sent = fitting(all);
    await send(sent);
    ledger.told(rows.slice(0, sent.length));
    denials.told(tallies.slice(0, Math.max(0, sent.length - rows.length)));
  }
  return true;
};
