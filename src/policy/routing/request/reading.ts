/**
 * Decides: that a body is read when somebody first needs it, and then only once.
 * Never: reads it for a request that names a model, has nowhere else to go, and falls under no limit on its size.
 */
import type { DialectName } from "../../../domain/dialect-name.ts";
import type { Gist } from "./gist.ts";
import { type Needs, needsFrom } from "./needs.ts";
import { gistOf } from "./read-gist.ts";

export type Reading = {
  readonly gist: () => Gist;
  readonly needs: () => Needs;
};

export const readingOf = (dialect: DialectName, body: Record<string, unknown>): Reading => {
  let gist: Gist | undefined;
  let needs: Needs | undefined;
  const readGist = (): Gist => {
    gist ??= gistOf(dialect, body);
    return gist;
  };
  return {
    gist: readGist,
    needs: () => {
      needs ??= needsFrom(readGist());
      return needs;
    },
  };
};
