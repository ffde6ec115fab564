/**
 * Decides: which vectors an isolate has at hand, so that a question that is asked again is not embedded again.
 * Never: grows beyond a few megabytes.
 */
import type { RecentVectors } from "../ports-semantic.ts";
import { createRecentlyUsed } from "./recently-used.ts";

/** Numbers of four bytes: 4 MB of an isolate's 128. */
const MOST_NUMBERS = 1_000_000;

export const createRecentVectors = (most = MOST_NUMBERS): RecentVectors =>
  createRecentlyUsed<Float32Array>(most, ({ length }) => length);
