/**
 * Decides: which differences between a request and its own translation back are differences of
 * writing alone. This list is the whole of what a round through the canonical form may change.
 * Never: forgives a lost value.
 */
import type { DialectName } from "../../src/domain/dialect-name.ts";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const isEmpty = (value: unknown): boolean =>
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** Fields whose value is the caller's own: nothing in them is ours to write differently. */
const OPAQUE = new Set([
  ...["parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema", "schema"],
  ...["args", "response", "input", "arguments", "metadata"],
]);

const camel = (key: string): string =>
  key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Rewrites every object below `value`, innermost first; what `rewrite` gives undefined is left out. */
const deep = (value: unknown, rewrite: (object: Json) => Json): unknown => {
  if (Array.isArray(value)) return value.map((item) => deep(item, rewrite));
  if (!isObject(value)) return value;
  const inner = Object.entries(value).map(([key, item]) => [
    key,
    OPAQUE.has(camel(key)) || key === "input_schema" ? item : deep(item, rewrite),
  ]);
  const rewritten = Object.entries(rewrite(Object.fromEntries(inner) as Json));
  return Object.fromEntries(rewritten.filter(([, item]) => item !== undefined && item !== null));
};

/** A list of nothing but one plain text is that text. */
const plainText = (content: unknown): unknown => {
  const [part, ...more] = list(content);
  const plain = part?.["type"] === "text" && Object.keys(part).length === 2;
  return plain && more.length === 0 ? part["text"] : content;
};

const openAiObject = (object: Json): Json => {
  const { image_url, reasoning, reasoning_content, tool_calls, annotations, ...rest } = object;
  const message = typeof object["role"] === "string";
  return {
    ...rest,
    // An image's address may stand alone.
    image_url: typeof image_url === "string" ? { url: image_url } : image_url,
    ...(message
      ? {
          content: isEmpty(rest["content"]) ? undefined : plainText(rest["content"]),
          // Thoughts have two names; empty ones are none.
          reasoning_content: (reasoning_content ?? reasoning) || undefined,
          tool_calls: list(tool_calls).length === 0 ? undefined : withoutIndexes(tool_calls),
          annotations: isEmpty(annotations) ? undefined : annotations,
          prefix: rest["prefix"] || undefined,
        }
      : { reasoning, reasoning_content, tool_calls, annotations }),
  };
};

/** Answers number their calls; a request that repeats them need not. */
const withoutIndexes = (calls: unknown): unknown =>
  list(calls).map(({ index: _, ...call }) => ({ type: "function", ...call }));

const openAi = (request: Json): unknown => {
  const { stream, max_tokens, max_completion_tokens, functions, function_call, ...rest } = request;
  const { models: _, ...body } = rest; // The gateway's own: fallback models.
  return deep(
    {
      ...body,
      stream: stream === true ? true : undefined,
      max_completion_tokens: max_completion_tokens ?? max_tokens,
      // The older form of tools, and tools that leave their only type out.
      tools:
        functions === undefined
          ? Array.isArray(rest["tools"])
            ? list(rest["tools"]).map((tool) => ({ type: "function", ...tool }))
            : undefined
          : list(functions).map((named) => ({ type: "function", function: named })),
      tool_choice: rest["tool_choice"] ?? function_call,
    },
    openAiObject,
  );
};

/** Google's JSON may write every field of its own in camelCase or in snake_case. */
const camelCase = (object: Json): Json =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [camel(key), value]));

/** Gemini's own schemas shout their types, say `nullable` and know snake_case; JSON Schema does not. */
const jsonSchema = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(jsonSchema);
  if (!isObject(schema)) return schema;
  const { type, nullable, ...rest } = schema;
  const inner = Object.entries(rest).map(([key, value]) =>
    key === "properties" && isObject(value)
      ? [key, Object.fromEntries(Object.entries(value).map(([n, one]) => [n, jsonSchema(one)]))]
      : [camel(key), jsonSchema(value)],
  );
  const lower = typeof type === "string" ? type.toLowerCase() : jsonSchema(type);
  const written = nullable === true ? [lower, "null"] : lower;
  return { ...Object.fromEntries(inner), ...(type === undefined ? {} : { type: written }) };
};

/** Neighbours of the same role are one turn; `content` is the name of its parts. */
const turns = (messages: unknown, content: string): Json[] => {
  const merged: Json[] = [];
  for (const message of list(messages)) {
    const last = merged.at(-1);
    const parts = [...list(last?.[content]), ...list(message[content])];
    if (last?.["role"] === message["role"])
      merged[merged.length - 1] = { ...last, [content]: parts };
    else merged.push(message);
  }
  return merged;
};

/** Names of choices may be written small. */
const shouted = (object: Json, key: string): Json => {
  const value = object[key];
  return typeof value === "string" ? { [key]: value.toUpperCase() } : {};
};

const geminiObject = (object: Json): Json => {
  const { parameters, parametersJsonSchema, responseSchema, responseJsonSchema, ...rest } =
    camelCase(object);
  const { id, ...call } = rest;
  return {
    ...call,
    // Calls without an id are told apart by one of ours.
    id: /^call_\d+_\d+$/.test(String(id)) ? undefined : id,
    parametersJsonSchema: jsonSchema(parametersJsonSchema ?? parameters),
    responseJsonSchema: jsonSchema(responseJsonSchema ?? responseSchema),
    ...shouted(rest, "mode"),
    ...shouted(rest, "thinkingLevel"),
  };
};

const gemini = (request: Json): unknown => {
  const { systemInstruction, tools, generationConfig, ...rest } = deep(
    request,
    geminiObject,
  ) as Json;
  const toolsets = isObject(tools) ? [tools] : list(tools); // One need not be a list.
  const { responseModalities, ...config } = (generationConfig ?? {}) as Json;
  const parts = isObject(systemInstruction) ? systemInstruction["parts"] : undefined;
  const text = JSON.stringify(responseModalities) === '["TEXT"]'; // What it is without saying.
  const kept = text ? config : { ...config, ...(responseModalities ? { responseModalities } : {}) };
  return {
    ...rest,
    contents: turns(rest["contents"], "parts"),
    systemInstruction: parts, // Its role is not read.
    generationConfig: isEmpty(kept) ? undefined : kept,
    functions: toolsets.flatMap((tool) => list(tool["functionDeclarations"])),
    tools: toolsets
      .map(({ functionDeclarations: _, ...tool }) => tool)
      .filter((tool) => !isEmpty(tool)),
  };
};

/** A text alone is a list of one text block. */
const blocks = (content: unknown): unknown =>
  typeof content === "string" ? [{ type: "text", text: content }] : content;

const anthropicObject = (object: Json): Json => ({
  ...object,
  content: blocks(object["content"]),
  is_error: object["is_error"] || undefined,
});

const anthropic = (request: Json): unknown => {
  const { output_format, output_config, ...body } = deep(request, anthropicObject) as Json;
  // The older name of output_config.format.
  const format = output_format === undefined ? {} : { format: output_format };
  const output = { ...format, ...((output_config ?? {}) as Json) };
  return {
    ...body,
    output_config: isEmpty(output) ? undefined : output,
    stream: body["stream"] || undefined,
    system: isEmpty(body["system"]) ? undefined : blocks(body["system"]),
    messages: turns(body["messages"], "content"),
  };
};

export const normalRequest = (dialect: DialectName, request: Json): unknown =>
  ({ "openai-chat": openAi, "anthropic-messages": anthropic, gemini })[dialect](request);
