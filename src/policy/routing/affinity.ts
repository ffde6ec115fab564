/**
 * Decides: whether a session stays with one target, for the sake of the provider's prompt cache, although
 * the strategy would now choose another.
 * Never: keeps state: the session's name and the candidates' names decide (rendezvous hashing), the same in
 * every isolate, and a target that leaves or joins moves only its own sessions.
 */
import type { Candidate, Moment, Strategy } from "./candidate.ts";
import { shareOf } from "./stable-hash.ts";
import { standingOf } from "./standing.ts";
import { estimatedCost } from "./strategies/lowest-cost.ts";

/** Tokens below which no provider caches a prompt (OpenAI and Anthropic, "Prompt caching": 1,024). */
const CACHED_FROM = 1_024;

/** The part of the request's cost that a warm prompt cache would save: its discount on the input. */
const savedShare = (candidate: Candidate, moment: Moment): number => {
  if (candidate.target.price?.cache_read === undefined) return 0;
  if (moment.needs().inputTokens() < CACHED_FROM) return 0;
  const cost = estimatedCost(candidate, moment);
  return cost > 0 ? 1 - estimatedCost(candidate, moment, true) / cost : 0;
};

/** The part of its burden that going to the best candidate instead would spare. */
const gainedShare = (burden: number, best: number): number => 1 - best / burden;

/** A target that is being probed or comes back little by little gets its traffic from the strategy. */
const isWell = ({ health }: Candidate, now: number): boolean =>
  standingOf(health, now) === "up" && (health?.ramp ?? 1) >= 1;

/** Weighted rendezvous: each candidate draws from (session, its own name), the shortest wait wins. */
const rendezvous = (session: string, candidates: readonly Candidate[]): Candidate | undefined => {
  let least = Number.POSITIVE_INFINITY;
  let chosen: Candidate | undefined;
  for (const candidate of candidates) {
    const wait = -Math.log(1 - shareOf(session, candidate.target.model)) / candidate.weight;
    if (wait < least) {
      least = wait;
      chosen = candidate;
    }
  }
  return chosen;
};

/** The order with the session's own target in front, where staying with it is worth it. */
export const withAffinity = (
  session: string | undefined,
  ordered: readonly Candidate[],
  { burden }: Strategy,
  moment: Moment,
): readonly Candidate[] => {
  if (session === undefined || burden === undefined || ordered.length < 2) return ordered;
  const well = ordered
    .filter((candidate) => isWell(candidate, moment.now))
    .map((candidate) => ({ candidate, burden: burden(candidate, moment) }));
  const best = Math.min(...well.map((one) => one.burden ?? Number.POSITIVE_INFINITY));
  const worth = well.filter(
    (one) =>
      // Where nothing is given up, nothing is weighed: that would mean reading the request.
      one.burden === undefined ||
      one.burden === best ||
      savedShare(one.candidate, moment) >= gainedShare(one.burden, best),
  );
  const kept = rendezvous(
    session,
    worth.map(({ candidate }) => candidate),
  );
  if (kept === undefined) return ordered;
  return [kept, ...ordered.filter((candidate) => candidate !== kept)];
};
