/**
 * Decides: what health makes of an order: who is left out, who steps back, and when to come again if
 * nobody is left.
 * Never: moves a half-open target; somebody has to ask it, or it stays half-open.
 */
import { err, ok, type Result } from "../../base/result.ts";
import { BREAKER } from "../../domain/config/defaults.ts";
import { type Failure, failure } from "../../domain/error.ts";
import type { Target } from "../../domain/target.ts";
import type { Facts } from "./asked.ts";
import type { TargetHealth } from "./health.ts";
import { standingOf } from "./standing.ts";

type Checked = { readonly target: Target; readonly health: TargetHealth | undefined };

/** Milliseconds for which a failure is news. */
const JUST_MS = 60_000;
/** Failures in a breaker's window that are more than a hiccup. */
const FAILING = 2;
/** Models of one provider that fail together: then it is the provider. */
const SEVERAL = 2;

const hasJustFailed = ({ health }: Checked, now: number): boolean =>
  health !== undefined &&
  (health.state === "open" || health.recentFailures >= FAILING) &&
  now - (health.lastSeenAt ?? now) <= JUST_MS;

/** Providers of which several models have just failed. */
const suspects = (checked: readonly Checked[], now: number): ReadonlySet<string> => {
  const failing = Map.groupBy(
    checked.filter((one) => hasJustFailed(one, now)),
    ({ target }) => target.provider,
  );
  return new Set([...failing].flatMap(([name, of]) => (of.length >= SEVERAL ? [name] : [])));
};

const earliest = (down: readonly Checked[], now: number): number => {
  const waits = down.flatMap(({ health }) =>
    health?.until === undefined ? [] : [health.until - now],
  );
  // Nobody knows when an isolated target comes back: look again after a cooldown.
  return waits.length === 0 ? BREAKER.open_ms : Math.max(1, Math.min(...waits));
};

/** Those that may be asked. `pinned`: the caller's explicit choice, which only its own failure takes from the first place. */
export const orderByHealth = (
  targets: readonly Target[],
  pinned: Target | undefined,
  { health: view, now, random }: Pick<Facts, "health" | "now" | "random">,
): Result<readonly [Target, ...Target[]], Failure> => {
  const checked = targets.map((target) => ({ target, health: view(target.model) }));
  const isDown = ({ health }: Checked): boolean => standingOf(health, now) === "down";
  const [only] = checked;
  // Most requests have one target, and it is well.
  if (only !== undefined && checked.length === 1 && !isDown(only)) {
    return ok([only.target]);
  }
  const down = checked.filter(isDown);
  const up = checked.filter((one) => !isDown(one));
  const suspect = suspects(checked, now);
  const stepsBack = (one: Checked): boolean => {
    if (standingOf(one.health, now) === "probing") return false;
    // A target that has recovered takes its traffic back little by little.
    const ramp = one.health?.ramp ?? 1;
    if (ramp < 1 && random() >= ramp) return true;
    return suspect.has(one.target.provider) && one.target !== pinned;
  };
  const back = up.length < 2 ? new Set<Checked>() : new Set(up.filter(stepsBack));
  const [first, ...rest] = [...up.filter((one) => !back.has(one)), ...back];
  if (first === undefined) {
    return err(failure("no_healthy_upstream", { retryAfterMs: earliest(down, now) }));
  }
  return ok([first.target, ...rest.map(({ target }) => target)]);
};
