/**
 * Decides: by which dialect a target's answers are read: its own, or its provider's accent of it.
 * Never: used for requests; those are written in the dialect itself.
 */
import type { Dialect } from "../dialects/dialect.ts";
import { DIALECTS } from "../dialects/index.ts";
import type { Target } from "../domain/target.ts";
import { PROVIDERS } from "../providers/index.ts";

export const speech = (target: Target): Dialect =>
  PROVIDERS[target.kind].accent ?? DIALECTS[target.dialect];
