/**
 * Decides: what one version of the configuration means, worked out once when it is loaded.
 * Never: changes; a new version is a new snapshot, and a request keeps the one it began with.
 */
import type { Target } from "../target.ts";
import type { Config } from "./schema.ts";

export type Snapshot = {
  /** Counts up from 1; 0 is the document shipped with the code. */
  readonly version: number;
  readonly etag: string;
  readonly config: Config;
  readonly targets: ReadonlyMap<string, Target>;
};
