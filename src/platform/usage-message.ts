/**
 * Decides: whether a message that came out of a queue can be applied.
 * Never: refuses one for a field that it does not know: another version of the Worker may have sent it.
 */
import { isRecord } from "../base/record.ts";
import type { UsageMessage } from "../domain/usage-message.ts";

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const isRow = (row: unknown): boolean =>
  isRecord(row) &&
  isText(row["request_id"]) &&
  isWhole(row["version"]) &&
  isWhole(row["at"]) &&
  isText(row["org"]);

const isDenial = (denial: unknown): boolean =>
  isRecord(denial) &&
  isWhole(denial["hour"]) &&
  (denial["org"] === null || isText(denial["org"])) &&
  isWhole(denial["status"]) &&
  isText(denial["code"]) &&
  typeof denial["rule"] === "string" &&
  isWhole(denial["count"]);

/** Undefined where what it must have, to be counted once and in its place, is missing. */
export const usageMessageOf = (body: unknown): UsageMessage | undefined => {
  if (!isRecord(body)) return undefined;
  const { kind, row, id, denials } = body;
  const good =
    (kind === "row" && isRow(row)) ||
    (kind === "denials" && isText(id) && Array.isArray(denials) && denials.every(isDenial));
  return good ? (body as UsageMessage) : undefined;
};
