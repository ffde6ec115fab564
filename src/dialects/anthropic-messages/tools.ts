/**
 * Decides: how tools and the choice among them are read and written.
 * Never: looks into a JSON Schema.
 */
import type { ChatRequest, Tool, ToolChoice } from "../../domain/chat.ts";
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

const FIELDS: ReadonlySet<string> = new Set([
  "type",
  "name",
  "description",
  "input_schema",
  "strict",
  "cache_control",
]);
// They change how a tool is found or streamed, not what it is.
const HINTS: ReadonlySet<string> = new Set([
  "allowed_callers",
  "defer_loading",
  "eager_input_streaming",
  "input_examples",
]);

/** Every type but `custom` is one of Anthropic's own tools. */
const decodeTool = (reading: Reading, tool: unknown, path: string): Tool => {
  if (!isObject(tool)) {
    invalid(reading, path);
    return { name: "" };
  }
  const type = readText(reading, tool["type"], `${path}.type`) ?? "custom";
  if (type !== "custom") {
    reading.unportable.push(path);
    return { name: readText(reading, tool["name"], `${path}.name`) ?? "", native: tool };
  }
  if (!isObject(tool["input_schema"])) invalid(reading, `${path}.input_schema`);
  return {
    name: needText(reading, tool["name"], `${path}.name`),
    ...defined({
      description: readText(reading, tool["description"], `${path}.description`),
      parameters: readObject(reading, tool["input_schema"], `${path}.input_schema`),
      strict: readFlag(reading, tool["strict"], `${path}.strict`),
      cache: readCacheMark(reading, tool["cache_control"], `${path}.cache_control`),
    }),
    ...readExtra(reading, tool, FIELDS, HINTS, path),
  };
};

export const decodeTools = (reading: Reading, value: unknown): Tool[] | undefined =>
  readList(reading, value, "tools")?.map((tool, index) =>
    decodeTool(reading, tool, `tools[${index}]`),
  );

type Choosing = Pick<ChatRequest, "tool_choice" | "parallel_tool_calls">;

export const decodeToolChoice = (reading: Reading, value: unknown): Choosing => {
  const choice = readObject(reading, value, "tool_choice");
  if (choice === undefined) return {};
  const single = readFlag(
    reading,
    choice["disable_parallel_tool_use"],
    "tool_choice.disable_parallel_tool_use",
  );
  const parallel = defined({ parallel_tool_calls: single === undefined ? undefined : !single });
  switch (choice["type"]) {
    case "auto":
    case "none":
      return { tool_choice: choice["type"], ...parallel };
    case "any":
      return { tool_choice: "required", ...parallel };
    case "tool": {
      const name = needText(reading, choice["name"], "tool_choice.name");
      return { tool_choice: { name }, ...parallel };
    }
    default:
      invalid(reading, "tool_choice.type");
      return {};
  }
};

/** A schema has to say that it is an object; OpenAI lets it be absent or empty. */
const inputSchema = (parameters: Json | undefined): Json =>
  parameters !== undefined && "type" in parameters
    ? parameters
    : { type: "object", properties: {}, ...parameters };

/** `native`: whether the tool is in its own dialect; `strict`: whether the model knows strict tools. */
export const encodeTool = (tool: Tool, native: boolean, strict: boolean): Json =>
  tool.native ?? {
    name: tool.name,
    ...defined({ description: tool.description }),
    input_schema: inputSchema(tool.parameters),
    ...(native || strict ? defined({ strict: tool.strict }) : {}),
    ...cacheControl(tool.cache),
    ...(native ? tool.extra : {}),
  };

const choiceType = (choice: ToolChoice): Json => {
  if (typeof choice === "object") return { type: "tool", name: choice.name };
  return { type: choice === "required" ? "any" : choice };
};

/** Parallel calls are a property of the choice here; without tools there is nothing to choose. */
export const encodeToolChoice = (request: ChatRequest): Json | undefined => {
  const { tool_choice: choice, parallel_tool_calls: parallel, tools } = request;
  if (tools === undefined || tools.length === 0) return undefined;
  if (choice === undefined && parallel === undefined) return undefined;
  const single = parallel === undefined || choice === "none" ? undefined : !parallel;
  return { ...choiceType(choice ?? "auto"), ...defined({ disable_parallel_tool_use: single }) };
};
