/**
 * Decides: the rows of the speed table about admission, and that their figures come from a process of its own:
 * the counting gateway needs a bundle of its own (admissions.ts).
 * Never: measures anything itself.
 */
import type { Admissions } from "./admissions.ts";
import { startHelper } from "./process.ts";

const UNIT = "" as const;

export const ADMISSION_ROWS = [
  {
    title: "admissions a second of one organisation through its object, four levels",
    unit: UNIT,
    bar: { atLeast: 2_000 },
  },
  { title: "the same, with the end of each", unit: UNIT, bar: { atLeast: 1_000 } },
  {
    title: "leased: calls that a request waits for, at steady state",
    unit: UNIT,
    bar: { atMost: 0 },
  },
  { title: "leased: all calls, a thousand requests", unit: UNIT, bar: { atMost: 200 } },
  { title: "rows in the ledger / requests sent", unit: UNIT, bar: { atLeast: 1 } },
];

/** In the order of the rows. */
export const measureAdmissions = async (): Promise<readonly number[]> => {
  const found = await startHelper("admissions.ts").ask<Admissions>(undefined);
  const { admitted, admittedAndEnded, waitedFor, callsAThousand, rowsARequest } = found;
  return [admitted, admittedAndEnded, waitedFor, callsAThousand, rowsARequest];
};
