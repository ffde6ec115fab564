/**
 * Decides: which hours a report covers: the last ones, or from one moment to another (contract.md section 3).
 * Never: cuts an hour in two: sums are kept by the hour, so both ends are widened to whole ones.
 */
import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import { type Failure, failure } from "../../domain/error.ts";
import { HOUR_MS } from "../../policy/view/usage-entry.ts";
import { epochMs, given } from "./parse.ts";

/** A year that has a day more. */
const MOST_HOURS = 8_784;
const DEFAULT_HOURS = 24;

/** Milliseconds or seconds since the epoch, a date (its midnight in UTC), or a time with its zone: ISO 8601. */
const Moment = z.lazy(() =>
  z.union([
    z
      .string()
      .regex(/^\d{10,15}$/)
      .transform((count) => epochMs(Number(count))),
    z.iso.date().transform(Date.parse),
    z.iso.datetime({ offset: true }).transform(Date.parse),
  ]),
);
const Hours = z.lazy(() => z.coerce.number().int().min(1).max(MOST_HOURS));

export const WINDOW = {
  hours: given(Hours),
  from: given(Moment),
  to: given(Moment),
};

type Asked = {
  readonly hours?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

type Window = { readonly from: number; readonly to: number };

const floor = (ms: number): number => ms - (ms % HOUR_MS);
const wrong = (param: string, message: string): Result<never, Failure> =>
  err(failure("invalid_parameter", { param, details: [{ path: param, message }] }));

/** `hours` counts back from `to`, which is now where nothing is said. `now` is not widened. */
export function windowOf(asked: Asked, now: number): Result<Window, Failure> {
  const { hours, from, to } = asked;
  if (hours !== undefined && from !== undefined) return wrong("hours", "not together with `from`");
  const end = to === undefined ? now : floor(to + HOUR_MS - 1);
  const begin = floor(from ?? (to ?? now) - (hours ?? DEFAULT_HOURS) * HOUR_MS);
  if (begin >= end) return wrong("from", "not before `to`");
  if (end - begin > (MOST_HOURS + 1) * HOUR_MS)
    return wrong("from", `over ${MOST_HOURS} hours ago`);
  return ok({ from: begin, to: end });
}
