/**
 * Decides: which value `demo` gives for a JSON Schema: the plainest one that fits.
 * Never: follows references to other documents, or writes more than a bounded value: a caller chooses the schema.
 */
import { isRecord } from "../../base/record.ts";

/** Levels, schemas that are looked at, characters: beyond them `null` stands, or a shorter text. */
const DEEPEST = 16;
const MOST_SCHEMAS = 1_000;
const LONGEST = 1_000;

/** The document that references are found in, and how many schemas of it have been looked at. */
type Walk = { readonly root: unknown; seen: number };

const reference = (root: unknown, ref: string): unknown =>
  ref
    .split("/")
    .slice(1)
    .reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), root);

const byType = (
  type: unknown,
  schema: Record<string, unknown>,
  walk: Walk,
  depth: number,
): unknown => {
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return "demo".padEnd(Math.min(Number(schema["minLength"] ?? 0), LONGEST), ".");
    case "integer":
    case "number":
      return schema["minimum"] ?? 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return Array.from({ length: Math.min(Number(schema["minItems"] ?? 1), DEEPEST) }, () =>
        sampleAt(schema["items"], walk, depth + 1),
      );
    default: {
      const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
      return Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, sampleAt(each, walk, depth + 1)]),
      );
    }
  }
};

const sampleAt = (schema: unknown, walk: Walk, depth: number): unknown => {
  walk.seen += 1;
  // A schema that refers to itself in several places doubles with each level.
  if (!isRecord(schema) || depth > DEEPEST || walk.seen > MOST_SCHEMAS) return null;
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0] ?? null;
  if (typeof schema["$ref"] === "string") {
    return sampleAt(reference(walk.root, schema["$ref"]), walk, depth + 1);
  }
  for (const union of ["anyOf", "oneOf", "allOf"]) {
    const options = schema[union];
    if (Array.isArray(options)) return sampleAt(options[0], walk, depth + 1);
  }
  return byType(schema["type"], schema, walk, depth);
};

/** A value for the schema; `{}` where there is none. */
export const sample = (schema: unknown): unknown =>
  schema === undefined ? {} : sampleAt(schema, { root: schema, seen: 0 }, 0);
