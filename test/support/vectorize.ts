/**
 * Decides: how Vectorize behaves where no Vectorize is: writes are acknowledged long before they are seen,
 * filters know only what was indexed before it was written, and what is beyond a limit is refused.
 */
import type { Vectors } from "../../src/platform/semantic-vectorize.ts";

type Kept = {
  readonly values: Float32Array;
  readonly namespace: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The indexed fields, as they were cut when they were written. */
  readonly indexed: Readonly<Record<string, unknown>>;
};

const MOST = { id: 64, namespace: 64, metadata: 10_240, batch: 1_000, filter: 2_048, deleted: 100 };
/** Of a text only so much is indexed. */
const INDEXED_BYTES = 64;

const bytes = (text: string): number => new TextEncoder().encode(text).length;
const refuse = (why: string): never => {
  throw new Error(`VECTOR_QUERY_ERROR: ${why}`);
};
const cut = (value: unknown): unknown =>
  typeof value === "string"
    ? new TextDecoder().decode(new TextEncoder().encode(value).slice(0, INDEXED_BYTES))
    : value;

const cosine = (a: Float32Array, b: Float32Array): number => {
  let [dot, aa, bb] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const [x, y] = [a[at] ?? 0, b[at] ?? 0];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
};

export type LocalVectorize = Vectors & {
  /** What was acknowledged is seen from now on. */
  settle(): void;
  /** Everything fails until it is up again. */
  down: boolean;
  readonly visible: () => number;
  /** Moves an entry as no request could: for what must not believe in its place. */
  misplace(id: string, namespace: string): void;
};

/** `indexes`: the metadata fields that an operator has declared. */
export const createLocalVectorize = (
  dimensions: number,
  indexes: readonly string[] = ["p"],
): LocalVectorize => {
  const kept = new Map<string, Kept>();
  let waiting: (() => void)[] = [];
  const state = { down: false };
  const reachable = (): void => {
    if (state.down) throw new Error("VECTOR_SERVICE_UNAVAILABLE");
  };
  const mutation = async (apply: () => void) => {
    waiting.push(apply);
    return { mutationId: crypto.randomUUID() };
  };

  const put = (vector: VectorizeVector): void => {
    const metadata = vector.metadata ?? {};
    const indexed = Object.fromEntries(
      indexes.flatMap((field) => (field in metadata ? [[field, cut(metadata[field])]] : [])),
    );
    const values = Float32Array.from(vector.values);
    kept.set(vector.id, { values, namespace: vector.namespace, metadata, indexed });
  };

  const check = ({ id, values, namespace, metadata }: VectorizeVector): void => {
    if (values.length !== dimensions) refuse(`expected ${dimensions} dimensions`);
    if (bytes(id) > MOST.id) refuse("id too long");
    if (namespace !== undefined && bytes(namespace) > MOST.namespace) refuse("namespace too long");
    if (bytes(JSON.stringify(metadata ?? {})) > MOST.metadata) refuse("metadata too large");
  };

  return {
    get down() {
      return state.down;
    },
    set down(down: boolean) {
      state.down = down;
    },
    visible: () => kept.size,
    settle() {
      for (const apply of waiting) apply();
      waiting = [];
    },
    misplace(id, namespace) {
      const found = kept.get(id);
      if (found !== undefined) kept.set(id, { ...found, namespace });
    },
    async upsert(vectors) {
      reachable();
      if (vectors.length > MOST.batch) refuse("too many vectors");
      for (const vector of vectors) check(vector);
      const copies = structuredClone(vectors);
      return mutation(() => {
        for (const vector of copies) put(vector);
      }) as unknown as VectorizeAsyncMutation;
    },
    async deleteByIds(ids) {
      reachable();
      if (ids.length > MOST.deleted) refuse("too many ids");
      return mutation(() => {
        for (const id of ids) kept.delete(id);
      }) as unknown as VectorizeAsyncMutation;
    },
    async query(vector, options = {}) {
      reachable();
      const { topK = 5, namespace, filter = {}, returnMetadata, returnValues } = options;
      const all = returnMetadata === true || returnMetadata === "all";
      if (topK < 1 || topK > (all || returnValues === true ? 20 : 100)) refuse("topK");
      if (bytes(JSON.stringify(filter)) >= MOST.filter) refuse("filter too large");
      const asked = Float32Array.from(vector);
      if (asked.length !== dimensions) refuse(`expected ${dimensions} dimensions`);
      const matches = [...kept]
        .filter(([, one]) => namespace === undefined || one.namespace === namespace)
        .filter(([, { indexed }]) =>
          Object.entries(filter).every(
            ([field, value]) => field in indexed && indexed[field] === cut(value),
          ),
        )
        .map(([id, one]) => ({
          id,
          score: cosine(asked, one.values),
          ...(one.namespace !== undefined && { namespace: one.namespace }),
          ...(all && { metadata: structuredClone(one.metadata) as VectorizeMatch["metadata"] }),
        }))
        .sort((a, b) => b.score - a.score)
        .slice(0, topK) as VectorizeMatch[];
      return { matches, count: matches.length };
    },
  };
};
