/**
 * Decides: how tools and the choice among them stand in `tools` and `toolConfig`, both ways.
 * Never: turns one of Google's own tools (search, code execution) into something else.
 */
import type { Tool, ToolChoice } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { isObject, type Json, needText, type Reading, readList, readText } from "../reading.ts";
import { jsonSchemaOf } from "./schema.ts";
import { refuse, take, unknownFields, type Wire, type Writing } from "./wire.ts";

/** One `functionDeclarations` list, then Google's own tools as they came. */
export const encodeTools = (writing: Writing, tools: readonly Tool[]): Wire[] => {
  const declarations: Wire[] = [];
  const native: Json[] = [];
  tools.forEach((tool, at) => {
    if (tool.native !== undefined) {
      if (writing.target.from === "gemini") native.push(tool.native);
      else refuse(writing, `tools[${at}]`);
      return;
    }
    const openai = writing.target.from === "openai-chat";
    if (tool.cache !== undefined) writing.dropped.add("tools[].cache_control");
    if (tool.strict === true) {
      writing.dropped.add(openai ? "tools[].function.strict" : "tools[].strict");
    }
    const { name, description, parameters } = tool;
    declarations.push(defined({ name, description, parametersJsonSchema: parameters }));
  });
  return [
    ...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []),
    ...native.map((tool) => ({ ...tool })),
  ];
};

const MODE = { auto: "AUTO", none: "NONE", required: "ANY" } as const;

export const encodeToolChoice = (choice: ToolChoice): Wire => ({
  functionCallingConfig:
    typeof choice === "string"
      ? { mode: MODE[choice] }
      : { mode: "ANY", allowedFunctionNames: [choice.name] },
});

const DECLARATION_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "description",
  "parameters",
  "parametersJsonSchema",
]);

const decodeDeclaration = (reading: Reading, declaration: Json, path: string): Tool => {
  const name = needText(reading, declaration["name"], `${path}.name`);
  if (unknownFields(declaration, DECLARATION_FIELDS).length > 0) {
    reading.unportable.push(path);
    return { name, native: { functionDeclarations: [declaration] } };
  }
  const json = take(declaration, "parametersJsonSchema");
  const openApi = declaration["parameters"];
  const parameters = isObject(json) ? json : isObject(openApi) ? jsonSchemaOf(openApi) : undefined;
  const description = readText(reading, declaration["description"], `${path}.description`);
  return { name, ...defined({ description, parameters }) };
};

const decodeTool = (reading: Reading, tool: Json, path: string): Tool[] => {
  const declarations = take(tool, "functionDeclarations");
  const others = Object.entries(tool).filter(([name]) => !/^function_?declarations$/i.test(name));
  if (others.length > 0) reading.unportable.push(path);
  return [
    ...(readList(reading, declarations, `${path}.functionDeclarations`) ?? []).flatMap(
      (declaration, at) =>
        isObject(declaration)
          ? decodeDeclaration(reading, declaration, `${path}.functionDeclarations[${at}]`)
          : [],
    ),
    ...others.map(([name, value]) => ({ name, native: { [name]: value } })),
  ];
};

/** A single tool may stand without its list, as proto3 JSON allows. */
export const decodeTools = (reading: Reading, value: unknown): Tool[] | undefined => {
  const list = isObject(value) ? [value] : readList(reading, value, "tools");
  const tools = list?.flatMap((tool, at) =>
    isObject(tool) ? decodeTool(reading, tool, `tools[${at}]`) : [],
  );
  return tools === undefined || tools.length === 0 ? undefined : tools;
};

const CHOICE: Readonly<Record<string, ToolChoice>> = {
  AUTO: "auto",
  NONE: "none",
  ANY: "required",
};

/** undefined when the configuration says more than a choice: several allowed names, or another mode. */
export const decodeToolChoice = (toolConfig: Json): ToolChoice | undefined => {
  const config = take(toolConfig, "functionCallingConfig");
  if (!isObject(config)) return undefined;
  const mode = typeof config["mode"] === "string" ? config["mode"].toUpperCase() : "AUTO";
  const choice = CHOICE[mode];
  const names = take(config, "allowedFunctionNames");
  if (!Array.isArray(names) || names.length === 0) return choice;
  const [name]: unknown[] = names;
  return choice === "required" && names.length === 1 && typeof name === "string"
    ? { name }
    : undefined;
};
