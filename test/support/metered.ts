/**
 * Decides: whether a replayed answer was counted as its provider has reported it.
 * Never: wants a figure that the provider did not give: the gateway counts those itself, and says so.
 */
import type { RequestRecord } from "../../src/domain/record.ts";
import type { Usage } from "../../src/domain/usage.ts";
import { differences } from "./replay.ts";

export const meterFaults = (
  record: RequestRecord | undefined,
  reported: Usage | undefined,
): string[] => {
  const told = Object.keys(reported ?? {}) as (keyof Usage)[];
  const counted = (Object.keys(record?.usage ?? {}) as (keyof Usage)[]).filter(
    (field) => !told.includes(field),
  );
  const figures = Object.fromEntries(told.map((field) => [field, record?.usage?.[field]]));
  return [
    ...differences(figures, reported ?? {}, "/metered"),
    ...(counted.length > 0 && record?.estimated !== true
      ? [`${counted.join(", ")} counted, and not said to be estimated`]
      : []),
  ];
};
