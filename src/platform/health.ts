/**
 * Decides: for this isolate, whether a target may be called and what is known of it, from what the target's
 * object last said and what has happened here since.
 * Never: lets a call of a healthy target wait, or forgets a verdict because the object cannot be reached.
 */
import type { Target } from "../domain/target.ts";
import { isSlow } from "../policy/resilience/breaker.ts";
import { type BreakerState, resultOfOne } from "../policy/resilience/breaker-state.ts";
import { credentialStep } from "../policy/resilience/credential-breaker.ts";
import { mayRepeat } from "../policy/resilience/retry-budget.ts";
import type { AttemptOutcome, Health, Pass } from "../ports.ts";
import { createMirror } from "./health-mirror.ts";
import { type HealthParts, objectNameOf } from "./health-parts.ts";
import {
  countUnderWay,
  gateOf,
  isWell,
  type Place,
  type UnderWay,
  viewOf,
} from "./health-place.ts";
import { askForProbe, keepProbe } from "./health-probe.ts";
import { createQuotaGate, type Took } from "./health-quota.ts";
import { credentialOf } from "./objects/target-machine.ts";

/** Milliseconds after which this isolate no longer knows whether the breaker has recovered since. */
const EPOCH_KNOWN_FOR = 5_000;
/** Milliseconds that a target counts as in use here after its last call. */
const IN_USE_FOR = 10_000;
/** Milliseconds. Whoever asks to be the probe for longer has been ended with his request: the next one asks. */
const ASKING_FOR = 1_000;

/** A call that has been let in but for the breaker. */
type Entering = Omit<UnderWay, "epoch" | "shared" | "stop">;

type Cost = Parameters<Health["admit"]>[2];

const nothing = (): void => {};

export type RefreshableHealth = Health & {
  /** Hears the object's word at once: an operator has just changed it. */
  refresh(target: Target): Promise<void>;
};

export const createHealth = (parts: HealthParts): RefreshableHealth => {
  const { clock, random } = parts;
  const isolate = random().toString(36).slice(2);
  const places = new Map<string, Place>();

  const placeOf = (target: Target): Place => {
    const name = objectNameOf(target);
    const known = places.get(name);
    if (known !== undefined) {
      known.mirror.follow(target);
      return known;
    }
    const underWay: Place["underWay"] = new Map();
    const inFlight = () => countUnderWay(underWay, clock.now());
    const mirror = createMirror(parts, isolate, name, target, inFlight);
    const quota = createQuotaGate(parts, mirror);
    const made = { mirror, quota, underWay, usedAt: clock.now(), askingUntil: 0 };
    places.set(name, made);
    return made;
  };
  const knownPlace = (target: Target): Place | undefined => places.get(objectNameOf(target));

  const enter = ({ mirror, underWay }: Place, call: Entering): Pass => {
    const isKnown =
      mirror.snapshot() !== undefined && clock.now() - mirror.heardAt() < EPOCH_KNOWN_FOR;
    const epoch = isKnown ? mirror.state().breaker.epoch : null;
    const pass: Pass = { probe: undefined };
    underWay.set(pass, { ...call, epoch, shared: true, stop: nothing });
    return pass;
  };

  const enterAsProbe = async (
    place: Place,
    target: Target,
    call: Entering,
  ): Promise<Pass | undefined> => {
    const { mirror, quota, underWay } = place;
    place.askingUntil = clock.now() + ASKING_FOR;
    const granted = await askForProbe(parts, mirror, target);
    place.askingUntil = 0;
    if (granted !== undefined) {
      const { epoch, shared } = granted;
      const stop = shared ? keepProbe(parts, mirror, target, epoch) : nothing;
      const pass: Pass = { probe: epoch };
      underWay.set(pass, { ...call, epoch, shared, stop });
      return pass;
    }
    // The object may have closed it meanwhile.
    if (gateOf(place, target, clock.now()) === "free") return enter(place, call);
    if (call.took !== undefined) quota.giveBack(call.org, call.need, call.took);
    return undefined;
  };

  const throughBreaker = (place: Place, target: Target, call: Entering) => {
    switch (gateOf(place, target, clock.now())) {
      case "free":
        return enter(place, call);
      case "probe":
        return enterAsProbe(place, target, call);
      case "shut":
        if (call.took !== undefined) place.quota.giveBack(call.org, call.need, call.took);
        return undefined;
    }
  };

  const leaveFor = (
    place: Place,
    target: Target,
    org: string,
    { repeat = false, ...need }: Cost,
  ) => {
    if (gateOf(place, target, clock.now()) === "shut") return undefined;
    const until = clock.now() + target.timeouts.total_ms;
    const call = { until, org, need, repeat };
    if (target.limits.length === 0) {
      return throughBreaker(place, target, { ...call, took: undefined });
    }
    const took = place.quota.take(org, need);
    const goOn = (had: Took | undefined) =>
      had === undefined ? undefined : throughBreaker(place, target, { ...call, took: had });
    return took instanceof Promise ? took.then(goOn) : goOn(took);
  };

  return {
    refresh: (target) => placeOf(target).mirror.refresh(),

    view(target) {
      const place = knownPlace(target);
      if (place === undefined) return undefined;
      const now = clock.now();
      const view = viewOf(place, now);
      if (now - place.usedAt < IN_USE_FOR || !isWell(view)) place.mirror.freshen();
      return view;
    },

    admit(target, org, cost) {
      const place = placeOf(target);
      place.usedAt = clock.now();
      const leave = leaveFor(place, target, org, cost);
      place.mirror.freshen();
      return leave;
    },

    report(target, pass, outcome) {
      const place = knownPlace(target);
      const call = place?.underWay.get(pass);
      if (place === undefined || call === undefined) return;
      place.underWay.delete(pass);
      call.stop();
      const { mirror } = place;
      const { kind, tokens } = outcome;
      const at = call.took?.at;
      if (at !== undefined && tokens !== undefined) {
        const by = { requests: 0, tokens: tokens - call.need.tokens };
        if (by.tokens !== 0) mirror.correct({ org: call.org, when: at, by });
      }
      if (kind !== "ignore") mirror.count(figuresOf(outcome));
      if (kind === "ignore" && pass.probe === undefined) return;
      const result = resultOfOne(kind, {
        ...timesOf(outcome, mirror.state().breaker),
        until: outcome.until ?? null,
        epoch: call.epoch,
        probe: pass.probe !== undefined,
      });
      mirror.learn({ about: "calls", result }, call.shared);
    },

    mayRepeat(target) {
      const place = knownPlace(target);
      if (place === undefined) return true;
      const { breaker, budget } = place.mirror.state();
      const repeats = [...place.underWay.values()].filter(({ repeat }) => repeat).length;
      const isClosed = target.breaker.enabled && breaker.phase.name === "closed";
      // Who may only be probed is asked by one call at a time: that is gate enough.
      return breaker.phase.name === "half_open" || mayRepeat(budget, isClosed, repeats);
    },

    credentialUsable(target, name) {
      const mirror = knownPlace(target)?.mirror;
      if (mirror === undefined) return true;
      const credential = credentialOf(mirror.state(), name);
      if (credential.refusals === 0) return true;
      const usable = credentialStep(credential, { type: "ask" }, clock.now(), random).output;
      if (usable) mirror.learn({ about: "credential", name, event: "ask" });
      return usable;
    },

    reportCredential(target, name, refused) {
      const { mirror } = placeOf(target);
      if (!refused && credentialOf(mirror.state(), name).refusals === 0) return;
      mirror.learn({ about: "credential", name, event: refused ? "refused" : "accepted" });
    },
  };
};

const figuresOf = ({ kind, totalMs, firstTokenMs, costNanoUsd = 0 }: AttemptOutcome) => ({
  ...{ failed: kind !== "ok", totalMs, firstTokenMs, costNanoUsd },
});

const samplesOf = (ms: number | undefined) =>
  ms === undefined ? { sum: 0, count: 0 } : { sum: ms, count: 1 };

/** Averages are of whole answers: what failed early was not fast. */
const timesOf = ({ kind, firstTokenMs, totalMs }: AttemptOutcome, breaker: BreakerState) => ({
  slow: kind === "timeout" || isSlow(breaker, firstTokenMs ?? 0) ? 1 : 0,
  firstToken: samplesOf(firstTokenMs),
  total: samplesOf(kind === "ok" ? totalMs : undefined),
});
