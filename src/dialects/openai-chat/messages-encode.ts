/**
 * Decides: how canonical messages are written for an OpenAI-speaking server.
 * Never: leaves anything out without naming it, or lets it through where the server does not know it.
 */
import type { Message, Part, TextPart, ThinkingPart } from "../../domain/chat.ts";
import type { Failure } from "../../domain/error.ts";
import { failure } from "../../domain/error.ts";
import { defined } from "../defined.ts";
import type { Json } from "../reading.ts";
import { encodePart } from "./content-encode.ts";
import { reasoningFields } from "./reasoning.ts";
import { encodeToolCall, signatureField } from "./tool-calls.ts";

/** What the server understands, and what has been left out so far. */
export type Writing = {
  /** Whether the request stays in its dialect: then everything is written. */
  readonly native: boolean;
  readonly marks: boolean;
  readonly reasoning: boolean;
  readonly dropped: Set<string>;
  fault: Failure | undefined;
};

const refuse = (writing: Writing, path: string): void => {
  writing.fault ??= failure("unsupported_parameter", { param: path });
};

const noteDropped = (writing: Writing, part: Part): void => {
  if (writing.native) return;
  if ("cache" in part && part.cache !== undefined && !writing.marks) {
    writing.dropped.add("messages[].content[].cache_control");
  }
  if (part.type === "text" && part.citations !== undefined) {
    writing.dropped.add("messages[].content[].citations");
  }
};

const isCall = (part: Part): boolean =>
  part.type === "tool_call" || (part.type === "opaque" && "custom" in part.raw);

/** The parts that stand under `content`. `path` is the message's. */
const written = (writing: Writing, parts: readonly Part[], path: string): Json[] =>
  parts.flatMap((part, index) => {
    noteDropped(writing, part);
    const encoded = encodePart(part, writing);
    if (encoded === undefined) refuse(writing, `${path}.content[${index}]`);
    return encoded === undefined ? [] : [encoded];
  });

/** One plain text is a string: every look-alike takes that. */
const contentField = (parts: readonly Json[]): unknown => {
  const [only] = parts;
  const plain = parts.length === 1 && only?.["type"] === "text" && Object.keys(only).length === 2;
  return plain ? only["text"] : parts;
};

const ownFields = (writing: Writing, message: Message): Json => ({
  ...defined({ name: message.name }),
  ...(writing.native ? message.extra : {}),
});

const assistantMessage = (writing: Writing, message: Message, path: string): Json => {
  const thinking = message.content.filter((part): part is ThinkingPart => part.type === "thinking");
  if (thinking.length > 0 && !writing.reasoning) writing.dropped.add("messages[].thinking");
  const calls = message.content
    .filter(isCall)
    .map((part) =>
      part.type === "tool_call"
        ? encodeToolCall(part, writing)
        : part.type === "opaque"
          ? part.raw
          : {},
    );
  const refusals = message.content.filter((part) => part.type === "refusal");
  const said = message.content.filter(
    (part) => part.type !== "thinking" && part.type !== "refusal" && !isCall(part),
  );
  const content = written(writing, said, path);
  const last = said.at(-1);
  const signature = last?.type === "text" && writing.reasoning ? last.signature : undefined;
  return {
    role: "assistant",
    content: content.length === 0 ? null : contentField(content),
    ...(writing.reasoning ? reasoningFields(thinking) : {}),
    ...(refusals.length > 0 ? { refusal: refusals.map((part) => part.text).join("") } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...signatureField(signature),
    ...ownFields(writing, message),
  };
};

/** A tool's message holds text alone: what else its result has follows in a message of the user. */
const toolMessage = (
  writing: Writing,
  message: Message & { role: "tool" },
  path: string,
): { readonly tool: Json; readonly rest: readonly Part[] } => {
  if (message.is_error !== undefined) writing.dropped.add("messages[].content[].is_error");
  if (message.cache !== undefined) writing.dropped.add("messages[].content[].cache_control");
  const texts = message.content.filter((part): part is TextPart => part.type === "text");
  const rest = writing.native ? [] : message.content.filter((part) => part.type !== "text");
  const content = written(writing, writing.native ? message.content : texts, path);
  const tool = {
    role: "tool",
    tool_call_id: message.tool_call_id,
    content: content.length === 0 ? "" : contentField(content),
    ...ownFields(writing, message),
  };
  return { tool, rest };
};

export const encodeMessages = (writing: Writing, messages: readonly Message[]): Json[] => {
  const out: Json[] = [];
  let attached: Part[] = [];
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.role === "tool") {
      const { tool, rest } = toolMessage(writing, message, path);
      out.push(tool);
      attached.push(...rest);
      // The results of one turn stand together; only then comes what does not fit into them.
      if (attached.length > 0 && messages[index + 1]?.role !== "tool") {
        out.push({ role: "user", content: written(writing, attached, path) });
        attached = [];
      }
    } else if (message.role === "assistant") {
      out.push(assistantMessage(writing, message, path));
    } else {
      const content = contentField(written(writing, message.content, path));
      out.push({ role: message.role, content, ...ownFields(writing, message) });
    }
  });
  return out;
};
