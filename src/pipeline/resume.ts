/**
 * Decides: which answer goes on for a stream that broke off: the next target's, by prefill where it
 * supports that, else a fresh one that has to say the same again; or a restart, where asked for.
 * Never: goes on inside a tool call, after the deadline, or at a target that was asked before.
 */
import type { Result } from "../base/result.ts";
import type { Failure } from "../domain/error.ts";
import type { ChatEvent } from "../domain/event.ts";
import type { Target } from "../domain/target.ts";
import {
  prefillSplice,
  type RecoveryMode,
  textSaid,
  verifySplice,
} from "../policy/resilience/recovery.ts";
import type { Deps } from "../ports.ts";
import { weigh } from "./begun.ts";
import { dispatch } from "./dispatch.ts";
import type { Line } from "./line.ts";
import { lineAfresh, lineOn } from "./lines.ts";
import { type Prepared, prepare, prepareOn } from "./prepare.ts";
import type { Broken, Resumed } from "./relay.ts";
import { isGiven, type Run } from "./run.ts";
import { credentialsOf, lacking } from "./send.ts";
import type { Live } from "./trial.ts";

export type Resuming = {
  readonly mode: RecoveryMode;
  /** The targets that have not been asked yet, in the plan's order. */
  readonly unasked: Iterator<Target>;
  readonly totalAt: number;
};

const encoder = new TextEncoder();

const restartChunk = (run: Run, target: Target): Uint8Array =>
  encoder.encode(
    `data: ${JSON.stringify({
      id: run.ask.requestId,
      object: "chat.completion.chunk",
      created: 0,
      model: target.model,
      choices: [],
      headgate: {
        event: "restart",
        discard: true,
        attempt: run.record.attempts,
        model: target.model,
      },
    })}\n\n`,
  );

export const createResume = (deps: Deps, run: Run, { mode, unasked, totalAt }: Resuming) => {
  /** Of the beginning that the last try has brought along. */
  let unweigh = (): void => {};

  const tryAt = async (
    target: Target,
    prepared: Result<Prepared, Failure>,
    createLine: () => Line,
  ): Promise<Live | "refused" | undefined> => {
    if (!prepared.ok) return undefined;
    const [used] = credentialsOf(deps, target, true);
    if (used === undefined || !deps.health.mayRepeat(target)) return undefined;
    const { signal } = run.ask;
    const trial = { ...used, run, target, prepared: prepared.value, signal, totalAt, createLine };
    const outcome = await dispatch(deps, { ...trial, repeat: true, toTheEnd: false });
    if (outcome.ok) return outcome.value.kind === "live" ? outcome.value : undefined;
    if (outcome.error === "caller_left") return undefined;
    // Whatever a provider's words: a 400 for a request that was fine without the prefill is about it.
    return outcome.error.failure.code === "invalid_parameter" ? "refused" : undefined;
  };

  const prefilled = async (
    target: Target,
    said: readonly ChatEvent[],
    splice: ReturnType<typeof prefillSplice>,
  ): Promise<Live | "refused" | undefined> => {
    const weighed = weigh(deps, run, target, splice.prefill);
    if (weighed === undefined) return undefined;
    unweigh = weighed;
    const prepared = prepareOn(run, target, splice.prefill);
    return tryAt(target, prepared, () => lineOn(run, target, said, splice, deps.clock.now()));
  };

  /** Those who were given the same so far may go on with it. */
  const shown = (live: Live | undefined, splice: "prefill" | "verify"): Live | undefined => {
    if (live === undefined) return undefined;
    const answer = { kind: "live", frames: live.line.frames } as const;
    const { target } = live;
    run.sought?.lead?.show({ target, passes: false, dropped: [], splice, answer });
    return live;
  };

  /** What another of those who were given the same goes on with; or they are told to look for one. */
  const rejoined = async (
    from: Live,
    said: readonly ChatEvent[] | undefined,
    text: string | undefined,
  ): Promise<Live | undefined> => {
    const { sought } = run;
    if (sought === undefined) return undefined;
    const isShared = isGiven(run.record) || sought.lead?.isFollowed() === true;
    if (mode === "continue" && isShared && said !== undefined && text !== undefined) {
      const { rejoin } = await import("./rejoin.ts");
      return rejoin(deps, run, sought, { from, said, text, totalAt });
    }
    sought.lead?.end("lost");
    return undefined;
  };

  const goOn = async (
    target: Target,
    said: readonly ChatEvent[],
    text: string,
  ): Promise<Live | undefined> => {
    const { learned, clock } = deps;
    if (
      text !== "" &&
      target.capabilities.has("prefill") &&
      !learned.refusesPrefill(target.model)
    ) {
      const live = await prefilled(target, said, prefillSplice(text));
      if (live !== "refused") return shown(live, "prefill");
      learned.prefillRefused(target.model);
      unweigh();
    }
    const live = await tryAt(target, prepare(run, target), () =>
      lineOn(run, target, said, verifySplice(text), clock.now()),
    );
    return live === "refused" ? undefined : shown(live, "verify");
  };

  const startOver = async (target: Target): Promise<Live | undefined> => {
    const live = await tryAt(target, prepare(run, target), () =>
      lineAfresh(run, target, deps.clock.now()),
    );
    return live === "refused" ? undefined : live;
  };

  return async (live: Live, broken: Broken): Promise<Resumed | undefined> => {
    if (mode === "error" || mode === "hold" || broken.phase === "total") return undefined;
    const said = live.line.said();
    const text = said === undefined ? undefined : textSaid(said);
    if (mode === "continue" && text === undefined) return undefined;
    const { recovered } = run;
    const from = recovered?.from ?? live.target.model;
    const other = await rejoined(live, said, text);
    if (other !== undefined) return { live: other, prelude: [] };
    for (let next = unasked.next(); next.done !== true; next = unasked.next()) {
      const target = next.value;
      unweigh();
      if (run.ask.signal.aborted || deps.clock.now() >= totalAt) return undefined;
      if (lacking(deps, target) !== undefined) continue;
      // Known before the answer is: all of it may come in one read, its last event included.
      run.mustTell = true;
      run.recovered = { from, to: target.model, at_chars: text?.length ?? 0 };
      const found =
        mode === "restart" ? await startOver(target) : await goOn(target, said ?? [], text ?? "");
      const { model, provider } = found === undefined ? live.target : target;
      run.record.model = model;
      run.record.provider = provider;
      if (found === undefined) {
        // All that the caller has is still from whom broke off.
        run.recovered = recovered;
        continue;
      }
      run.record.fallback_from ??= live.target.model;
      return { live: found, prelude: mode === "restart" ? [restartChunk(run, target)] : [] };
    }
    return undefined;
  };
};
