/**
 * Decides: whether a value is what OpenAI's published document says an answer looks like.
 * Never: bends the document: only its OpenAPI 3.0 leftovers (`nullable`) are said in JSON Schema's words.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import { recordedDocument } from "./recorded-data.ts";

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const COMPONENTS = "#/components/schemas/";

/** Only keywords that validate; what a reader of the document is told besides is left out. */
const ANNOTATIONS = new Set(["discriminator", "example", "examples", "default", "format"]);

const toJsonSchema = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(toJsonSchema);
  if (!isObject(node)) return node;
  const kept = Object.entries(node).filter(
    ([key, value]) =>
      !key.startsWith("x-") &&
      !(ANNOTATIONS.has(key) && !isSchemaOf(key, value)) &&
      key !== "nullable",
  );
  const schema = Object.fromEntries(kept.map(([key, value]) => [key, toJsonSchema(value)]));
  return node["nullable"] === true ? { anyOf: [schema, { type: "null" }] } : schema;
};

/** A property that happens to be called like an annotation (`format`) has a schema as its value. */
const isSchemaOf = (key: string, value: unknown): boolean =>
  key !== "discriminator" &&
  isObject(value) &&
  ("type" in value || "$ref" in value || "anyOf" in value);

/** The names of the schemas that `name` refers to, itself included. */
const reachable = (schemas: Json, name: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = JSON.stringify(schemas[name] ?? {});
  for (const [, next] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (next !== undefined) reachable(schemas, next, seen);
  }
  return seen;
};

/** A check for one component: the faults it finds, none where the value is valid. */
export const openAiSchema = (name: string): ((value: unknown) => readonly string[]) => {
  const document = recordedDocument<{ components: { schemas: Json } }>("specs/openai_openapi.json");
  if (document === undefined) return () => [];
  const { schemas } = document.components;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const used = Object.fromEntries([...reachable(schemas, name)].map((key) => [key, schemas[key]]));
  ajv.addSchema({ $id: "openai", components: { schemas: toJsonSchema(used) } } as Json);
  const validate = ajv.compile({ $ref: `openai${COMPONENTS}${name}` });
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map((fault) => `${fault.instancePath} ${fault.message ?? ""}`);
};
