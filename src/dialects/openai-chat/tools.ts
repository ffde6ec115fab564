/**
 * Decides: how tools, the choice among them and the output format are read and written.
 * Never: looks into a JSON Schema.
 */
import type { ResponseFormat, Tool, ToolChoice } from "../../domain/chat.ts";
import { cacheControl, readCacheMark } from "../cache-mark.ts";
import { defined } from "../defined.ts";
import {
  invalid,
  isObject,
  type Json,
  needText,
  type Reading,
  readExtra,
  readFlag,
  readList,
  readObject,
  readText,
} from "../reading.ts";

const HINTS: ReadonlySet<string> = new Set(["eager_input_streaming", "defer_loading"]);
const TOOL_FIELDS: ReadonlySet<string> = new Set(["type", "function", "cache_control"]);
const FUNCTION_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "description",
  "parameters",
  "strict",
  "cache_control",
]);

/** What stands beside `function` and inside it, so that both return to their places. */
const besides = (reading: Reading, tool: Json, fields: Json, path: string): { extra?: Json } => {
  const { extra: outer } = readExtra(reading, tool, TOOL_FIELDS, HINTS, path);
  const at = `${path}.function`;
  const { extra: within } = readExtra(reading, fields, FUNCTION_FIELDS, HINTS, at);
  if (outer === undefined && within === undefined) return {};
  return { extra: { ...outer, ...(within === undefined ? {} : { function: within }) } };
};

const decodeFunction = (reading: Reading, fields: Json, mark: unknown, path: string): Tool => ({
  name: needText(reading, fields["name"], `${path}.name`),
  ...defined({
    description: readText(reading, fields["description"], `${path}.description`),
    parameters: readObject(reading, fields["parameters"], `${path}.parameters`),
    strict: readFlag(reading, fields["strict"], `${path}.strict`),
    cache: readCacheMark(reading, mark ?? fields["cache_control"], `${path}.cache_control`),
  }),
});

const decodeTool = (reading: Reading, tool: unknown, path: string): Tool => {
  if (!isObject(tool)) {
    invalid(reading, path);
    return { name: "" };
  }
  const fields = tool["function"];
  // Mistral's clients leave the type out.
  const type = tool["type"] ?? "function";
  if (type === "function" && isObject(fields)) {
    const decoded = decodeFunction(reading, fields, tool["cache_control"], `${path}.function`);
    return { ...decoded, ...besides(reading, tool, fields, path) };
  }
  if (type === "function") invalid(reading, `${path}.function`);
  if (typeof type !== "string") invalid(reading, `${path}.type`);
  reading.unportable.push(path);
  return { name: "", native: tool };
};

/** `functions` is the list of before tools: each entry is what now stands under `function`. */
export const decodeTools = (reading: Reading, body: Json): Tool[] | undefined => {
  const tools = readList(reading, body["tools"], "tools");
  if (tools !== undefined) {
    return tools.map((tool, index) => decodeTool(reading, tool, `tools[${index}]`));
  }
  return readList(reading, body["functions"], "functions")?.map((fields, index) => {
    const path = `functions[${index}]`;
    return decodeFunction(reading, readObject(reading, fields, path) ?? {}, undefined, path);
  });
};

/** undefined also for a choice that only OpenAI knows (allowed_tools, custom tools): that one is unportable. */
export const decodeToolChoice = (reading: Reading, body: Json): ToolChoice | undefined => {
  const field = body["tool_choice"] === undefined ? "function_call" : "tool_choice";
  const choice = body[field];
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  if (choice === "any") return "required";
  if (!isObject(choice)) return invalid(reading, field);
  const named = field === "function_call" ? choice : choice["function"];
  if (isObject(named) && (field === "function_call" || choice["type"] === "function")) {
    return { name: needText(reading, named["name"], `${field}.function.name`) };
  }
  reading.unportable.push(field);
  return undefined;
};

/** undefined also for a format that only one server knows (a grammar, a regex): that one is unportable. */
export const decodeResponseFormat = (
  reading: Reading,
  value: unknown,
): ResponseFormat | undefined => {
  const format = readObject(reading, value, "response_format");
  if (format === undefined) return undefined;
  const type = format["type"];
  // Together's and Fireworks' way to say it, and Instructor's.
  if (type === "json_object" && isObject(format["schema"])) {
    return { type: "json_schema", name: "response", schema: format["schema"] };
  }
  if (type === "text" || type === "json_object") return { type };
  if (type !== "json_schema") {
    if (typeof type !== "string") return invalid(reading, "response_format.type");
    reading.unportable.push("response_format");
    return undefined;
  }
  const path = "response_format.json_schema";
  const { name, schema, description, strict } = readObject(
    reading,
    format["json_schema"],
    path,
  ) ?? {
    name: invalid(reading, path),
  };
  return {
    type,
    // Perplexity's clients leave the name out.
    name: readText(reading, name, `${path}.name`) ?? "response",
    schema: readObject(reading, schema, `${path}.schema`) ?? {},
    ...defined({
      description: readText(reading, description, `${path}.description`),
      strict: readFlag(reading, strict, `${path}.strict`),
    }),
  };
};

/** `native`: whether the tool is in its own dialect; `marks`: whether cache marks are understood. */
export const encodeTool = (
  tool: Tool,
  { native, marks }: { readonly native: boolean; readonly marks: boolean },
): Json => {
  if (tool.native !== undefined) return tool.native;
  const { name, description, parameters, strict } = tool;
  const { function: within, ...beside } = native ? (tool.extra ?? {}) : {};
  const fields = { name, ...defined({ description, parameters, strict }) };
  return {
    type: "function",
    function: isObject(within) ? { ...fields, ...within } : fields,
    ...(marks ? cacheControl(tool.cache) : {}),
    ...beside,
  };
};

export const encodeToolChoice = (choice: ToolChoice): unknown =>
  typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };

export const encodeResponseFormat = (format: ResponseFormat): Json => {
  if (format.type !== "json_schema") return { type: format.type };
  const { name, schema, description, strict } = format;
  return {
    type: "json_schema",
    json_schema: { name, schema, ...defined({ description, strict }) },
  };
};
