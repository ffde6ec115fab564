/**
 * Decides: how long a target that was opened is left alone.
 * Never: shortens what a provider asked for; the breaker takes the longer of the two.
 */
import type { Random } from "../../base/clock.ts";
import type { BreakerRules } from "../../domain/target.ts";

/**
 * The first cooldowns are all alike, a minute together: a restart or a short outage is noticed when it is
 * over. Only one that outlasts them is looked at less and less often (docs/decisions/0011).
 */
const EQUAL_COOLDOWNS = 4;
/** How far chance moves a cooldown either way: little while the end of a short outage is waited for. */
const SHORT_SPREAD = 0.05;
const LONG_SPREAD = 0.2;

/** The first level at which the cooldown is the longest: what lies above would only have to wear off. */
export const topLevel = ({ open_ms, max_open_ms }: BreakerRules): number =>
  EQUAL_COOLDOWNS + Math.ceil(Math.log2(max_open_ms / open_ms));

/** Milliseconds. Alike at first, then doubling up to the longest; moved by chance. */
export const cooldownMs = (level: number, rules: BreakerRules, random: Random): number => {
  const plain = Math.min(
    rules.max_open_ms,
    rules.open_ms * 2 ** Math.max(0, level - EQUAL_COOLDOWNS),
  );
  const spread = level <= EQUAL_COOLDOWNS ? SHORT_SPREAD : LONG_SPREAD;
  return plain * (1 - spread + 2 * spread * random());
};
