/**
 * Decides: which tags a request lacks that some level of its policies requires.
 * Never: reads a request; whose tags they are was settled before.
 */
import type { Policy } from "../domain/config/schema.ts";

/** `policies`: from the configuration down to the key. The missing names, each once. */
export const missingTags = (
  policies: readonly (Policy | undefined)[],
  tags: Readonly<Record<string, string>>,
): readonly string[] => {
  const required = policies.flatMap((policy) => policy?.tags?.required ?? []);
  return [...new Set(required)].filter((name) => !Object.hasOwn(tags, name));
};
