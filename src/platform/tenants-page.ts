/**
 * Decides: how a list is cut into pages: in the order of ids, the next one behind the last seen.
 * Never: counts what is left.
 */
export type PageAt = {
  readonly limit: number;
  /** The last id of the page before; "" for the first page. */
  readonly cursor: string;
};

export type Page<T> = { readonly data: readonly T[]; readonly next_cursor: string | null };

/** A page of `rows`, which were asked for with one more than `limit`. */
export function pageOf<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): Page<T> {
  const data = rows.slice(0, limit);
  return { data, next_cursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
}
