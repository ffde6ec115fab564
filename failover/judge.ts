/**
 * Decides: the grade of a scenario, by one rule for all. Pass: the whole answer exactly, and the conduct
 * holds; partial: the whole answer, the conduct short; safe: a bounded clean error; fail: anything else.
 * Never: knows a fault.
 */
import { TEXT } from "../test/support/upstream-answer.ts";
import type { Heard } from "./caller.ts";
import type { Scenario, Seen, Timing } from "./scenario.ts";

export type Grade = "pass" | "partial" | "safe" | "fail";
export type Verdict = { readonly grade: Grade; readonly why: readonly string[] };

/** Seconds. A clean error that comes later is as good as none. */
const BOUND = 130;

export const isWhole = (heard: Heard): boolean =>
  heard.status === 200 &&
  heard.text === TEXT &&
  heard.isDone &&
  heard.error === undefined &&
  heard.finishes.join() === "stop";

/** It says that it failed, and nothing in it looks like an end. */
const isCleanError = (heard: Heard): boolean =>
  !heard.isHung &&
  heard.error !== undefined &&
  heard.error !== "none" &&
  !heard.isDone &&
  heard.finishes.length === 0 &&
  TEXT.startsWith(heard.text) &&
  heard.ms <= BOUND * 1_000;

const nameOf = (heard: Heard): string =>
  heard.isHung
    ? "no end came"
    : (heard.error ?? `${heard.text.length} of ${TEXT.length} characters`);

/** `clocked`: whether ceilings of time count; on a busy machine with short timings they say nothing. */
export const judge = (
  scenario: Scenario,
  seen: Seen,
  timing: Timing,
  clocked: boolean,
): Verdict => {
  const { heard } = seen;
  const within = scenario.within ?? BOUND;
  const late = heard.some(({ ms }) => ms > within * 1_000);
  const short = [
    ...(scenario.shortfalls?.(seen, timing) ?? []),
    clocked && late && `not over within ${within} s`,
  ].filter((words) => words !== false);
  if (scenario.mustTell !== undefined) {
    const isTold = heard.every(
      (one) => isCleanError(one) && one.error === scenario.mustTell && one.status === 400,
    );
    if (!isTold) return { grade: "fail", why: ["the error was not told", ...short] };
    return { grade: short.length === 0 ? "pass" : "fail", why: short };
  }
  const broken = heard.filter((one) => !isWhole(one));
  if (broken.length === 0) return { grade: short.length === 0 ? "pass" : "partial", why: short };
  const isSafe = broken.every((one) => isCleanError(one) && one.error !== scenario.neverTell);
  return { grade: isSafe ? "safe" : "fail", why: [...new Set(broken.map(nameOf)), ...short] };
};
