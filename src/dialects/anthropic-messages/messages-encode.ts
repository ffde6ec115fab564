/**
 * Decides: how canonical messages become `system` and alternating turns.
 *
 * Leading system and developer messages are the `system` prompt. Later ones become a system turn
 * after the user's turn that they stand in, where the model knows such turns; for other models they
 * join the prompt, in order, which is also what Anthropic's own OpenAI-compatible endpoint does.
 * Never: leaves anything out without naming it.
 */
import type { Message, Part } from "../../domain/chat.ts";
import type { Failure } from "../../domain/error.ts";
import { failure } from "../../domain/error.ts";
import { cacheControl } from "../cache-mark.ts";
import { defined } from "../defined.ts";
import type { Json } from "../reading.ts";
import { encodeBlock } from "./blocks-encode.ts";
import { isOwnThought } from "./own-thoughts.ts";

/** What the model understands, and what has been left out so far. */
export type Writing = {
  /** Whether the request stays in its dialect: then everything is written, where it stood. */
  readonly native: boolean;
  readonly systemTurns: boolean;
  readonly dropped: Set<string>;
  fault: Failure | undefined;
};

type Turn = {
  readonly role: "user" | "assistant" | "system";
  /** Results come first: Anthropic wants them directly after the calls. */
  readonly results: Json[];
  readonly blocks: Json[];
};

/** Ids of other providers may hold characters that Anthropic refuses. */
const toolId = (writing: Writing, id: string): string =>
  writing.native ? id : id.replace(/[^a-zA-Z0-9_-]/g, "_");

const keepsThought = (writing: Writing, part: Part & { type: "thinking" }): boolean => {
  if (writing.native || isOwnThought(part)) return true;
  writing.dropped.add("messages[].reasoning_content");
  return false;
};

const noteDropped = (writing: Writing, part: Part): void => {
  if (writing.native) return;
  if (part.type === "image" && part.detail !== undefined && part.detail !== "auto") {
    writing.dropped.add("messages[].content[].image_url.detail");
  }
  if (part.type === "tool_call" && part.signature !== undefined) {
    writing.dropped.add("messages[].tool_calls[].extra_content");
  }
};

/** The field at fault: the arguments of a call, or the part itself. `calls` counts the calls before it. */
const refuse = (writing: Writing, part: Part, path: string, index: number, calls: number): void => {
  writing.fault ??=
    part.type === "tool_call"
      ? failure("invalid_parameter", { param: `${path}.tool_calls[${calls}].function.arguments` })
      : failure("unsupported_parameter", { param: `${path}.content[${index}]` });
};

const encodeParts = (writing: Writing, parts: readonly Part[], path: string): Json[] => {
  let calls = 0;
  return parts.flatMap((part, index) => {
    if (part.type === "thinking" && !keepsThought(writing, part)) return [];
    if (part.type === "text" && part.text === "") return [];
    noteDropped(writing, part);
    // A file of another provider's store is unknown to this one.
    const foreign = !writing.native && "source" in part && part.source.kind === "file";
    const block = foreign
      ? undefined
      : encodeBlock(
          part.type === "tool_call" ? { ...part, id: toolId(writing, part.id) } : part,
          writing.native,
        );
    if (block === undefined) refuse(writing, part, path, index, calls);
    if (part.type === "tool_call") calls += 1;
    return block === undefined ? [] : [block];
  });
};

/** One plain text is a string. */
const contentField = (blocks: readonly Json[]): unknown => {
  const [only] = blocks;
  const plain = blocks.length === 1 && only?.["type"] === "text" && Object.keys(only).length === 2;
  return plain ? only["text"] : blocks;
};

const toolResult = (writing: Writing, message: Message & { role: "tool" }, path: string): Json => {
  const content = encodeParts(writing, message.content, path);
  return {
    type: "tool_result",
    tool_use_id: toolId(writing, message.tool_call_id),
    ...(content.length > 0 ? { content: contentField(content) } : {}),
    ...defined({ is_error: message.is_error }),
    ...cacheControl(message.cache),
    ...(writing.native ? message.extra : {}),
  };
};

export type Conversation = { readonly system?: unknown; readonly messages: readonly Json[] };

export const encodeMessages = (writing: Writing, messages: readonly Message[]): Conversation => {
  const prompt: Json[] = [];
  const turns: Turn[] = [];
  /** System messages that wait for the end of the user's turn that they stand in. */
  let waiting: Json[] = [];

  const turn = (role: Turn["role"]): Turn => {
    const last = turns.at(-1);
    if (last?.role === role) return last;
    const fresh: Turn = { role, results: [], blocks: [] };
    turns.push(fresh);
    return fresh;
  };
  const settle = (): void => {
    if (waiting.length > 0 && turns.at(-1)?.role === "user") turn("system").blocks.push(...waiting);
    else prompt.push(...waiting);
    waiting = [];
  };
  const system = (blocks: readonly Json[]): void => {
    if (turns.length === 0) prompt.push(...blocks);
    else if (writing.native) turn("system").blocks.push(...blocks);
    else if (writing.systemTurns) waiting.push(...blocks);
    else prompt.push(...blocks);
  };

  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.role === "tool") {
      turn("user").results.push(toolResult(writing, message, path));
      return;
    }
    if (message.name !== undefined) writing.dropped.add("messages[].name");
    const blocks = encodeParts(writing, message.content, path);
    if (message.role === "system" || message.role === "developer") {
      system(blocks);
    } else {
      if (message.role === "assistant") settle();
      if (blocks.length > 0) turn(message.role).blocks.push(...blocks);
    }
  });
  settle();

  // A conversation needs a turn: system messages alone are then what the user says.
  if (turns.length === 0) turn("user").blocks.push(...prompt.splice(0));
  return {
    ...(prompt.length > 0 ? { system: contentField(prompt) } : {}),
    messages: turns.map(({ role, results, blocks }) => ({
      role,
      content: contentField([...results, ...blocks]),
    })),
  };
};
