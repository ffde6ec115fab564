/**
 * Decides: the speed table: all its rows, in their order.
 * Never: measures or prints.
 */
import { measureBundle } from "./bundle-size.ts";
import { ALIKE_ROWS, measureAlike } from "./cache-hits.ts";
import type { Group } from "./measure.ts";
import { ADMISSION_ROWS, measureAdmissions } from "./measure-admissions.ts";
import { GROWTH_GROUPS } from "./rows-growth.ts";
import { REQUEST_GROUPS } from "./rows-requests.ts";
import { STREAM_GROUPS } from "./rows-streams.ts";

export const GROUPS: readonly Group[] = [
  ...REQUEST_GROUPS,
  ...STREAM_GROUPS,
  ...GROWTH_GROUPS,
  { id: "alike", isOnce: true, rows: ALIKE_ROWS, measure: measureAlike },
  { id: "admissions", isOnce: true, rows: ADMISSION_ROWS, measure: measureAdmissions },
  {
    id: "bundle",
    isOnce: true,
    rows: [
      { title: "code loaded at the start, gzipped", unit: "kB", bar: { atMost: 150 } },
      { title: "start-up CPU", unit: "ms", bar: { atMost: 20 } },
    ],
    measure: measureBundle,
  },
];
