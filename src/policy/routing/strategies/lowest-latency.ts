/**
 * Decides: who has been answering fastest – the first token for a stream, the whole answer otherwise.
 * Never: forgets anybody: a model that nobody has seen, or not for a while, is put first now and then, so
 * that one that has recovered is found again.
 */
import type { Candidate, Moment, Strategy } from "../candidate.ts";
import { byBurden } from "./by-burden.ts";

/** Milliseconds after which an average says little about now. */
const STALE_MS = 30_000;
/** The share of requests that look at a stale model first. */
const EXPLORE = 0.05;

const latency = ({ health }: Candidate, { stream }: Moment): number | undefined =>
  stream ? (health?.firstTokenMs ?? health?.totalMs) : (health?.totalMs ?? health?.firstTokenMs);

const isStale = ({ health }: Candidate, { now }: Moment): boolean =>
  health?.lastSeenAt === undefined || now - health.lastSeenAt > STALE_MS;

/** Whom to look at first this time, apart from the averages. */
const explored = (candidates: readonly Candidate[], moment: Moment): Candidate | undefined => {
  const pick = (from: readonly Candidate[]): Candidate | undefined =>
    from[Math.floor(moment.random() * from.length)];
  const unseen = candidates.filter((candidate) => latency(candidate, moment) === undefined);
  // One that was never seen is as likely the fastest as any other: it gets an equal's share.
  if (unseen.length > 0 && moment.random() < unseen.length / candidates.length) return pick(unseen);
  const stale = candidates.filter((candidate) => isStale(candidate, moment));
  const isNews = stale.length > 0 && stale.length < candidates.length;
  return isNews && moment.random() < EXPLORE ? pick(stale) : undefined;
};

const unseenLast = (candidate: Candidate, moment: Moment): number =>
  latency(candidate, moment) ?? Number.POSITIVE_INFINITY;

export const lowestLatency: Strategy = {
  order: (candidates, moment) => {
    const ordered = byBurden(
      candidates,
      (candidate) => unseenLast(candidate, moment),
      moment.random,
    );
    const first = explored(candidates, moment);
    if (first === undefined) return ordered;
    return [first, ...ordered.filter((candidate) => candidate !== first)];
  },
  burden: latency,
};
