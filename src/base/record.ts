/**
 * Decides: whether a value that came from outside is a plain object that may be looked into.
 * Never: says anything of what is in it.
 */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
