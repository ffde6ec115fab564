/**
 * Decides: that a value is worked out when it is first asked for, and then kept.
 * Never: works it out twice, whatever it is.
 */
export const lazily = <T>(work: () => T): (() => T) => {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: work() };
    return found.value;
  };
};
