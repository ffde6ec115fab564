/**
 * Decides: which value `demo` gives for a JSON Schema: the plainest one that fits.
 * Never: follows references to other documents, or goes deeper than a schema of one's own would.
 */
import { isRecord } from "../../base/record.ts";

const DEEPEST = 16;

const reference = (root: unknown, ref: string): unknown =>
  ref
    .split("/")
    .slice(1)
    .reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), root);

const byType = (
  type: unknown,
  schema: Record<string, unknown>,
  root: unknown,
  depth: number,
): unknown => {
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return "demo".padEnd(Number(schema["minLength"] ?? 0), ".");
    case "integer":
    case "number":
      return schema["minimum"] ?? 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return Array.from({ length: Math.min(Number(schema["minItems"] ?? 1), DEEPEST) }, () =>
        sampleAt(schema["items"], root, depth + 1),
      );
    default: {
      const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
      return Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, sampleAt(each, root, depth + 1)]),
      );
    }
  }
};

const sampleAt = (schema: unknown, root: unknown, depth: number): unknown => {
  if (!isRecord(schema) || depth > DEEPEST) return null;
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0] ?? null;
  if (typeof schema["$ref"] === "string") {
    return sampleAt(reference(root, schema["$ref"]), root, depth + 1);
  }
  for (const union of ["anyOf", "oneOf", "allOf"]) {
    const options = schema[union];
    if (Array.isArray(options)) return sampleAt(options[0], root, depth + 1);
  }
  return byType(schema["type"], schema, root, depth);
};

/** A value for the schema; `{}` where there is none. */
export const sample = (schema: unknown): unknown =>
  schema === undefined ? {} : sampleAt(schema, schema, 0);
