/**
 * Decides: whether a value that came from outside is a plain object that may be looked into, and how a name that came
 * from outside is looked up.
 * Never: says anything of what is in it.
 */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands in `table` itself under `name`: `toString` and its like, which every object inherits, stand in none. */
export const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
