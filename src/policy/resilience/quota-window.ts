/**
 * Decides: how much of a quota was taken in the last minute, hour or day, to within one slot, upwards.
 * Never: forgets early: in no stretch of the window's length has more been used than it says.
 */

type Slot = {
  /** Which slot since the epoch. */
  readonly at: number;
  readonly taken: number;
};

/** Oldest first; none that is empty. */
export type Taken = readonly Slot[];

/** Milliseconds. How time is cut, and how long after it was taken something may still be used. */
export type Cut = { readonly windowMs: number; readonly slotMs: number; readonly delayMs: number };

const slotOf = ({ slotMs }: Cut, when: number): number => Math.floor(when / slotMs);

/** The slot that only partly lies in the window counts whole. */
const oldestOf = (cut: Cut, now: number): number => slotOf(cut, now - cut.windowMs - cut.delayMs);
const recent = (taken: Taken, cut: Cut, now: number): Taken => {
  const oldest = oldestOf(cut, now);
  return taken.filter((slot) => slot.at >= oldest);
};

const sum = (taken: Taken): number => taken.reduce((all, slot) => all + slot.taken, 0);

export const takenWithin = (taken: Taken, cut: Cut, now: number): number =>
  sum(recent(taken, cut, now));

/**
 * With `amount` more, or less where it is negative, in the slot of `when`; what has left the window is
 * past changing. No slot goes below nothing.
 */
export const withTaken = (
  taken: Taken,
  cut: Cut,
  now: number,
  when: number,
  amount: number,
): Taken => {
  const kept = recent(taken, cut, now);
  const at = slotOf(cut, when);
  if (at < oldestOf(cut, now)) return kept;
  const before = kept.find((slot) => slot.at === at)?.taken ?? 0;
  const others = kept.filter((slot) => slot.at !== at);
  const after = Math.max(0, before + amount);
  if (after === 0) return others;
  return [...others, { at, taken: after }].sort((a, b) => a.at - b.at);
};

/** Milliseconds since the epoch at which no more than `atMost` will be taken, if nobody takes any more. */
export const fallsTo = (taken: Taken, cut: Cut, now: number, atMost: number): number => {
  let left = takenWithin(taken, cut, now);
  let when = now;
  for (const slot of recent(taken, cut, now)) {
    if (left <= atMost) break;
    left -= slot.taken;
    when = (slot.at + 1) * cut.slotMs + cut.windowMs + cut.delayMs;
  }
  return when;
};
