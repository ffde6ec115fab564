/**
 * Decides: which models a caller may use: what every level allows and no level denies.
 * Never: knows whether a model exists.
 */
import type { Policy } from "../domain/config/schema.ts";

/** `*` stands for any run of characters; everything else for itself. */
export const matches = (pattern: string, name: string): boolean => {
  if (!pattern.includes("*")) return pattern === name;
  const pieces = pattern.split("*");
  const [head = "", ...rest] = pieces;
  const tail = rest.pop() ?? "";
  if (!name.startsWith(head) || name.length < head.length + tail.length) return false;
  let at = head.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - tail.length && name.endsWith(tail);
};

export const matchesAny = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matches(pattern, name));

/** `policies`: from the configuration down to the key. An absent list allows all, an empty one none. */
export const mayUse = (policies: readonly (Policy | undefined)[], name: string): boolean =>
  policies.every((policy) => {
    const { allow, deny } = policy?.models ?? {};
    if (deny !== undefined && matchesAny(deny, name)) return false;
    return allow === undefined || matchesAny(allow, name);
  });
