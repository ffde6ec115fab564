/**
 * Decides: how Gemini's own schema form (OpenAPI 3.0: upper-case types, `nullable`) reads as JSON Schema.
 * Never: needed the other way: `parametersJsonSchema` and `responseJsonSchema` take JSON Schema as it is.
 */
import { isObject, type Json } from "../reading.ts";
import { camelCase, type Wire } from "./wire.ts";

const ofEach = (value: Json): Wire =>
  Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [
      name,
      isObject(schema) ? jsonSchemaOf(schema) : schema,
    ]),
  );

const ofAll = (value: readonly unknown[]): unknown[] =>
  value.map((schema) => (isObject(schema) ? jsonSchemaOf(schema) : schema));

const typeOf = (type: unknown, nullable: boolean): unknown => {
  const name = typeof type === "string" ? type.toLowerCase() : type;
  return nullable && name !== undefined ? [name, "null"] : name;
};

export const jsonSchemaOf = (schema: Json): Wire => {
  const result: Wire = {};
  for (const [spelled, value] of Object.entries(schema)) {
    const name = camelCase(spelled);
    if (name === "nullable") continue;
    if (name === "type") result["type"] = typeOf(value, schema["nullable"] === true);
    else if (name === "properties" && isObject(value)) result[name] = ofEach(value);
    else if (name === "items" && isObject(value)) result[name] = jsonSchemaOf(value);
    else if (name === "anyOf" && Array.isArray(value)) result[name] = ofAll(value);
    else result[name] = value;
  }
  return result;
};
