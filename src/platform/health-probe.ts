/**
 * Decides: how an isolate becomes the one probe of a half-open target, and stays it while its call lasts.
 * Never: probes without the object's leave, unless the object has been silent for long.
 */
import { within } from "../base/clock.ts";
import type { Target } from "../domain/target.ts";
import { breakerStep } from "../policy/resilience/breaker.ts";
import { resultOfOne } from "../policy/resilience/breaker-state.ts";
import type { Mirror } from "./health-mirror.ts";
import type { HealthParts } from "./health-parts.ts";

/** Milliseconds. */
const PROBE_WITHIN = 250;
/** An object that cannot be reached for this long must not keep a target closed to everybody. */
const SILENT_FOR = 30_000;
/** What a call needs beyond its first token's time to say how it went. */
const LEASE_BEYOND = 5_000;

export type Granted = {
  readonly epoch: number;
  /** False where the object does not know of it. */
  readonly shared: boolean;
};

const leaseMsOf = ({ timeouts }: Target): number => timeouts.first_token_ms + LEASE_BEYOND;

export const askForProbe = async (
  parts: HealthParts,
  mirror: Mirror,
  target: Target,
): Promise<Granted | undefined> => {
  const { clock, random, background } = parts;
  const leaseMs = leaseMsOf(target);
  const asked = (async () => mirror.object().probe(mirror.rules(), leaseMs))();
  const answer = await within(clock, PROBE_WITHIN, () => asked);
  if (answer !== undefined) {
    mirror.adopt(answer.state);
    return answer.lease === undefined ? undefined : { epoch: answer.lease.epoch, shared: true };
  }
  // Nobody waits for it any more: a lease that comes late is handed back.
  const handBack = asked.then(({ lease }) => {
    if (lease === undefined) return;
    const result = resultOfOne("ignore", { epoch: lease.epoch, probe: true });
    mirror.learn({ about: "calls", result });
  });
  background(handBack.catch(() => undefined));
  if (clock.now() - mirror.heardAt() < SILENT_FOR) return undefined;
  const state = mirror.state();
  const event = { type: "probe", leaseMs } as const;
  const step = breakerStep(state.breaker, event, clock.now(), random, target.breaker);
  mirror.predict({ ...state, breaker: step.state });
  return step.output === undefined ? undefined : { epoch: step.output.epoch, shared: false };
};

/** Renews the lease until the returned function is called, or the call's whole time is over. */
export const keepProbe = (
  { clock, background }: HealthParts,
  mirror: Mirror,
  target: Target,
  epoch: number,
): (() => void) => {
  const leaseMs = leaseMsOf(target);
  const end = clock.now() + target.timeouts.total_ms;
  let cancel = (): void => {};
  const again = (): void => {
    cancel = clock.after(leaseMs / 2, () => {
      if (clock.now() >= end) return;
      const renew = (async () => mirror.object().renew(mirror.rules(), epoch, leaseMs))();
      background(renew.catch(() => undefined));
      again();
    });
  };
  again();
  return () => cancel();
};
