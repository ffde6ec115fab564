/**
 * Decides: how an object with optional fields is built – a field without a value is left out.
 * Never: touches null, false, 0 or "": those are values.
 */

/** The fields of T that may be undefined become optional ones. */
export type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** A copy of `fields` without those that are undefined. */
export const defined = <T extends object>(fields: T): Defined<T> => {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) kept[name] = value;
  }
  return kept as Defined<T>;
};
