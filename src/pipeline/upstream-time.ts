/**
 * Decides: how long a request has waited for providers, however many of them it has asked at once.
 * Never: counts the same moment twice.
 */

/** Milliseconds; `since`, and `now` everywhere: since the epoch. `underWay`: attempts whose end nobody has told. */
export type UpstreamTime = { ms: number; underWay: number; since: number };

export const noUpstreamTime = (): UpstreamTime => ({ ms: 0, underWay: 0, since: 0 });

/** A provider is asked. */
export const upstreamBegins = (time: UpstreamTime, now: number): void => {
  if (time.underWay === 0) time.since = now;
  time.underWay += 1;
};

/** What it was asked for is there, or will not come. */
export const upstreamEnds = (time: UpstreamTime, now: number): void => {
  time.underWay -= 1;
  if (time.underWay === 0) time.ms += now - time.since;
};

/** Milliseconds up to now: one that was asked beside another may not have ended yet. */
export const upstreamMs = ({ ms, underWay, since }: UpstreamTime, now: number): number =>
  underWay === 0 ? ms : ms + now - since;
