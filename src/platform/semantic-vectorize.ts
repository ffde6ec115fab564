/**
 * Decides: how the index of a scope is asked where its vectors lie in Vectorize: there for what is older, and in
 * the scope's object for what Vectorize does not show yet, for what was learnt, and for when things expire.
 * Never: believes the place where something was found: partition and namespace are looked at again (F54).
 */
import { type Clock, within } from "../base/clock.ts";
import { isRecord } from "../base/record.ts";
import { NEW_TALLY } from "../policy/cache/semantic/tally.ts";
import { NEW_TRUST } from "../policy/cache/semantic/trust.ts";
import type { IndexEntry, IndexFound, IndexPlace, SemanticIndex } from "../ports-semantic.ts";
import {
  createObjectIndex,
  opened,
  SEARCH_WITHIN,
  type SemanticObjectParts,
} from "./semantic-object.ts";
import type { TurnSeal } from "./semantic-turns.ts";

/** Entries that the object keeps itself: more than are written while Vectorize makes one visible. */
const RECENT = 200;
/** The most that Vectorize gives with metadata. */
const MOST_MATCHES = 20;

export type Vectors = Pick<Vectorize, "query" | "upsert" | "deleteByIds">;

type Match = Pick<VectorizeMatch, "id" | "score" | "namespace" | "metadata">;

/** `p`: the partition, indexed; `t`: the sealed turn; `e`: when it expires. */
const foundOf = (
  { id, score, namespace, metadata }: Match,
  place: IndexPlace,
  now: number,
): IndexFound | undefined => {
  const { p, t, e } = isRecord(metadata) ? metadata : {};
  if (namespace !== place.scope || typeof p !== "string" || typeof t !== "string") return undefined;
  if (typeof e !== "number" || e <= now) return undefined;
  return { id, partition: p, turn: t, trust: NEW_TRUST, similarity: score };
};

const askVectors = async (
  vectors: Vectors,
  { turns, clock }: { readonly turns: TurnSeal; readonly clock: Clock },
  place: IndexPlace,
  partition: string,
  vector: Float32Array,
): Promise<readonly IndexFound[]> => {
  const { matches } = await vectors.query(vector, {
    topK: MOST_MATCHES,
    namespace: place.scope,
    filter: { p: partition },
    returnMetadata: "all",
  });
  const found = matches.flatMap((match) => foundOf(match, place, clock.now()) ?? []);
  return opened(turns, place, partition, found);
};

export const createVectorizeIndex = (
  vectors: Vectors,
  parts: SemanticObjectParts,
): SemanticIndex => {
  const { objectOf, turns, clock } = parts;
  const object = createObjectIndex(parts);
  const later = (work: () => Promise<unknown>): void =>
    parts.background(work().catch(() => undefined));

  const write = async (place: IndexPlace, entry: IndexEntry, maxEntries: number): Promise<void> => {
    const { id, partition, vector, expiresAt } = entry;
    // Noted before it is there, and until it is gone: what nobody has noted would never be deleted.
    const gone = await objectOf(place).elsewhere(id, expiresAt, maxEntries);
    if (!gone.includes(id)) {
      const t = await turns.seal(place.tenant, id, entry.turn);
      const metadata = { p: partition, t, e: expiresAt };
      await vectors.upsert([{ id, values: vector, namespace: place.scope, metadata }]);
    }
    if (gone.length === 0) return;
    await vectors.deleteByIds([...gone]);
    await objectOf(place).deleted(gone);
  };

  return {
    async search(place, partition, vector, limit) {
      const [older, recent] = await Promise.all([
        within(clock, SEARCH_WITHIN, () => askVectors(vectors, parts, place, partition, vector)),
        object.search(place, partition, vector, limit),
      ]);
      if (older === undefined && recent === undefined) return undefined;
      const known = new Set(recent?.found.map(({ id }) => id));
      const found = [
        ...(recent?.found ?? []),
        ...(older ?? []).filter(({ id }) => !known.has(id)),
      ].sort((a, b) => b.similarity - a.similarity);
      return { found: found.slice(0, limit), tally: recent?.tally ?? NEW_TALLY };
    },
    insert(place, entry, maxEntries) {
      object.insert(place, entry, Math.min(RECENT, maxEntries));
      later(() => write(place, entry, maxEntries));
    },
    used: object.used,
    learn(place, id, doubt, verdict) {
      object.learn(place, id, doubt, verdict);
      // Vectorize keeps nothing that changes: of what is refuted only the object's entry may stay, and learn.
      if (verdict === "refuted") later(() => vectors.deleteByIds([id]));
    },
  };
};
