/**
 * Decides: how the index of a scope is asked where it is an object of its own: by the scope's name, for no
 * longer than a look-up is worth.
 * Never: fails a request: an index that does not answer has found nothing (faults.md F54).
 */
import { type Clock, within } from "../base/clock.ts";
import type { IndexFound, IndexPlace, SemanticIndex, Sought } from "../ports-semantic.ts";
import type { Looked, SemanticCalls } from "./objects/semantic-calls.ts";
import type { TurnSeal } from "./semantic-turns.ts";

/** Milliseconds. A look that takes longer would cost more than it saves. */
export const SEARCH_WITHIN = 300;

export type SemanticObjectParts = {
  /** A new stub each time; one that has thrown stays broken. */
  readonly objectOf: (place: IndexPlace) => SemanticCalls;
  readonly turns: TurnSeal;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
};

/** Only what lies where it was looked for, and can be read. */
export const opened = async (
  turns: TurnSeal,
  { tenant }: IndexPlace,
  partition: string,
  found: readonly IndexFound[],
): Promise<readonly IndexFound[]> => {
  const each = found
    .filter((one) => one.partition === partition)
    .map(async (one) => {
      const turn = await turns.open(tenant, one.id, one.turn);
      return turn === undefined ? [] : [{ ...one, turn }];
    });
  return (await Promise.all(each)).flat();
};

export const createObjectIndex = (parts: SemanticObjectParts): SemanticIndex => {
  const { objectOf, turns, clock } = parts;
  const later = (work: (object: SemanticCalls) => Promise<unknown>, place: IndexPlace): void => {
    const done = async (): Promise<unknown> => work(objectOf(place));
    parts.background(done().catch(() => undefined));
  };

  const look = async (
    place: IndexPlace,
    partition: string,
    vector: Float32Array,
    limit: number,
  ): Promise<Sought> => {
    const { found, tally }: Looked = await objectOf(place).search(partition, vector, limit);
    return { found: await opened(turns, place, partition, found), tally };
  };

  return {
    search: (place, partition, vector, limit) =>
      within(clock, SEARCH_WITHIN, () => look(place, partition, vector, limit)),
    insert: (place, entry, maxEntries) =>
      later(async (object) => {
        const turn = await turns.seal(place.tenant, entry.id, entry.turn);
        await object.insert({ ...entry, turn }, maxEntries);
      }, place),
    used: (place, id) => later((object) => object.used(id), place),
    learn: (place, id, doubt, verdict) =>
      later((object) => object.learn(id, doubt, verdict), place),
  };
};
