/**
 * Decides: how `system` and `messages` are read. A tool's result is a message of its own in the
 * canonical form, so a user's message may become several.
 * Never: changes the order of anything.
 */
import type { Message, Part } from "../../domain/chat.ts";
import { readCacheMark } from "../cache-mark.ts";
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
} from "../reading.ts";
import { decodeBlock, decodeBlocks } from "./blocks.ts";

const NO_HINTS: ReadonlySet<string> = new Set();
const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["role", "content"]);
const RESULT_FIELDS: ReadonlySet<string> = new Set([
  "type",
  "tool_use_id",
  "content",
  "is_error",
  "cache_control",
]);

const toolResult = (reading: Reading, block: Json, path: string): Message => {
  const content = block["content"];
  return {
    role: "tool",
    tool_call_id: needText(reading, block["tool_use_id"], `${path}.tool_use_id`),
    content:
      content === undefined || content === null
        ? []
        : decodeBlocks(reading, content, `${path}.content`),
    ...defined({
      is_error: readFlag(reading, block["is_error"], `${path}.is_error`),
      cache: readCacheMark(reading, block["cache_control"], `${path}.cache_control`),
    }),
    ...readExtra(reading, block, RESULT_FIELDS, NO_HINTS, path),
  };
};

/** Runs of ordinary blocks stay one message; each result between them is one. */
const userMessages = (reading: Reading, content: readonly unknown[], path: string): Message[] => {
  const messages: Message[] = [];
  let run: Part[] = [];
  const endRun = (): void => {
    if (run.length > 0) messages.push({ role: "user", content: run });
    run = [];
  };
  content.forEach((block, index) => {
    const here = `${path}[${index}]`;
    if (isObject(block) && block["type"] === "tool_result") {
      endRun();
      messages.push(toolResult(reading, block, here));
    } else {
      run.push(decodeBlock(reading, block, here));
    }
  });
  endRun();
  return messages;
};

const decodeMessage = (reading: Reading, message: unknown, path: string): Message[] => {
  if (!isObject(message)) {
    invalid(reading, path);
    return [];
  }
  const extra = readExtra(reading, message, MESSAGE_FIELDS, NO_HINTS, path);
  const { role, content } = message as { role?: unknown; content?: unknown };
  const here = `${path}.content`;
  switch (role) {
    case "user":
      return Array.isArray(content)
        ? userMessages(reading, content, here)
        : [{ role, content: decodeBlocks(reading, content, here), ...extra }];
    case "assistant":
    case "system":
      return [{ role, content: decodeBlocks(reading, content, here), ...extra }];
    default:
      invalid(reading, `${path}.role`);
      return [];
  }
};

export const decodeMessages = (reading: Reading, body: Json): Message[] => {
  const system = body["system"];
  const list = readList(reading, body["messages"], "messages");
  if (list === undefined || list.length === 0) invalid(reading, "messages");
  const prompt: Message[] =
    system === undefined || system === null || system === ""
      ? []
      : [{ role: "system", content: decodeBlocks(reading, system, "system") }];
  const turns = (list ?? []).flatMap((message, index) =>
    decodeMessage(reading, message, `messages[${index}]`),
  );
  return [...prompt, ...turns];
};
