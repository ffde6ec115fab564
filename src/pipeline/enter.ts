/**
 * Decides: how a request comes in: admitted for what it may cost – or, where a kept answer is there or an equal
 * request is under way, for one request and nothing else.
 * Never: lets anything past a limit on requests or slots.
 */
import { err, ok, type Result } from "../base/result.ts";
import type { Snapshot } from "../domain/config/snapshot.ts";
import { failure } from "../domain/error.ts";
import { isForgiven } from "../policy/limits/forgiven.ts";
import type { Plan } from "../policy/routing/plan.ts";
import type { Deps } from "../ports.ts";
import { admit, type Refused } from "./admit.ts";
import { found, seek } from "./recall.ts";
import { recallAlike } from "./recall-alike.ts";
import type { Run } from "./run.ts";
import type { Alike, Hit } from "./sought.ts";

const mayBeHealed = (refused: Refused): boolean =>
  typeof refused === "object" && isForgiven(refused.code);

type Entered = { readonly plan: Plan; readonly hit: Hit | undefined };

type Looked = { readonly exact: Hit | undefined; readonly alike: Alike | undefined };

/** What can be found without asking anybody who charges for it. */
const look = async (deps: Deps, run: Run): Promise<Looked> => {
  const exact = await found(deps, run);
  return { exact, alike: await recallAlike(deps, run, exact !== undefined, false) };
};

/** What was decided in shadow mode. */
const noteShadow = (run: Run, exact: Hit | undefined, alike: Alike | undefined): void => {
  const decisions = [
    ...(exact === undefined ? [] : [{ section: "cache", decision: "hit" }]),
    ...(alike?.shadow === undefined ? [] : [{ section: "cache.semantic", decision: alike.shadow }]),
  ];
  if (decisions.length > 0) run.record.shadow = [...run.record.shadow, ...decisions];
};

/** Whoever goes ahead tells those who follow whether they have to wait for an answer. */
const tell = ({ sought }: Run, hit: Hit | undefined): void => {
  if (hit !== undefined) sought?.lead?.end("found");
  else sought?.lead?.asking();
};

/** From now on those elsewhere may follow the one who goes ahead. */
const announce = ({ ask, sought, permit }: Run): void => {
  if (sought?.lead === undefined || permit?.granted.ahead !== ask.requestId) return;
  sought.lead.announced({ place: ask.caller, id: ask.requestId, name: sought.flight });
};

const admitted = async (
  deps: Deps,
  snapshot: Snapshot,
  run: Run,
): Promise<Result<Entered, Refused>> => {
  const { atHand, joined } = run.sought ?? {};
  const isOn = run.sought?.rules.mode === "on";
  // Who wants a kept answer or none asks nobody, whatever is found.
  const isGivenOrNothing = (isOn && atHand !== undefined) || run.ask.controls.cache === "only";
  const stake = isGivenOrNothing ? "hit" : joined === undefined ? "whole" : "joined";
  const looking = look(deps, run);
  const first = await admit(deps, snapshot, run, stake);
  announce(run);
  const { exact, alike: near } = await looking;
  const same = isOn ? exact : undefined;
  const again = !first.ok && same !== undefined && stake !== "hit" && mayBeHealed(first.error);
  const plan = again ? await admit(deps, snapshot, run, "hit") : first;
  if (!plan.ok) return plan;
  const alike = near ?? (await recallAlike(deps, run, exact !== undefined, true));
  noteShadow(run, isOn ? undefined : exact, alike);
  const hit = same ?? alike?.hit;
  tell(run, hit);
  const isOver = hit !== undefined || run.ask.controls.cache === "only";
  // Its row is written at once, and says what was asked.
  if (isOver) await run.marked;
  // Nobody was asked and nothing given: the request is taken back.
  if (isOver && hit === undefined) return err(failure("cache_miss"));
  return ok({ plan: plan.value, hit });
};

/** The plan, and the kept answer where one is to be given. */
export const enter = async (
  deps: Deps,
  snapshot: Snapshot,
  run: Run,
): Promise<Result<Entered, Refused>> => {
  await seek(deps, snapshot, run);
  const entered = await admitted(deps, snapshot, run);
  if (!entered.ok) run.sought?.lead?.end("lost");
  return entered;
};
