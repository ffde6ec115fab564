/**
 * Decides: what makes two requests the same: route and body, however the body is written.
 * Never: is kept; only a hash of it is. Loses no digit of a long number.
 */
import { isLongNumber, parseExactJson } from "../../base/exact-json.ts";
import type { JsonBody } from "../../base/json-body.ts";
import { isRecord } from "../../base/record.ts";

const inOrder = (_key: string, value: unknown): unknown => {
  if (!isRecord(value) || isLongNumber(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, value[name]]));
};

/** A text that two requests have in common exactly when they ask for the same. */
export const requestText = (route: string, { text }: Pick<JsonBody, "text">): string =>
  `${route}\n${JSON.stringify(parseExactJson(text), inOrder)}`;
