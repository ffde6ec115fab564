/** Throws, with what was seen, where something does not hold that must. */
export const insist = (holds: boolean, what: string, ...seen: unknown[]): void => {
  if (!holds) throw new Error(`${what} ${seen.map((each) => JSON.stringify(each)).join(" ")}`);
};
