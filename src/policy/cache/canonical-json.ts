/**
 * Decides: one text for all JSON that means the same: keys in order.
 * Never: touches the order of keys inside a schema (models fill in fields in the order in which it names
 * them), or leaves out a null: what a tool returned may be one.
 */
import { isLongNumber } from "../../base/exact-json.ts";
import { isRecord } from "../../base/record.ts";

/** Fields whose values a model reads as they are written. */
const ORDERED: ReadonlySet<string> = new Set([
  "parameters",
  "input_schema",
  "schema",
  "json_schema",
  "responseSchema",
  "response_schema",
  "responseJsonSchema",
  "response_json_schema",
  "parametersJsonSchema",
  "parameters_json_schema",
]);

/** Depth is bounded: whoever parsed the value has counted it. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isRecord(value) || isLongNumber(value)) return JSON.stringify(value) ?? "null";
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => {
      const text = ORDERED.has(key) ? JSON.stringify(value[key]) : canonicalJson(value[key]);
      return `${JSON.stringify(key)}:${text}`;
    });
  return `{${fields.join(",")}}`;
};
