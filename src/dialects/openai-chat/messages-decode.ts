/**
 * Decides: how the messages of a caller's request are read, the legacy `function` role included.
 * Never: changes their order or merges them; index i here is `messages[i]` of the body.
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
  readList,
  readObject,
  readText,
} from "../reading.ts";
import { decodeContent } from "./content.ts";
import { MESSAGE_FIELDS, MESSAGE_HINTS } from "./fields.ts";
import { thoughtsOf } from "./reasoning.ts";
import { signatureOf, toolCallParts } from "./tool-calls.ts";

/** A mark on the whole message is one on its last part (OpenRouter). */
const withMark = (reading: Reading, parts: Part[], message: Json, path: string): Part[] => {
  const cache = readCacheMark(reading, message["cache_control"], `${path}.cache_control`);
  const last = parts.at(-1);
  if (cache === undefined || last === undefined) return parts;
  const markable = last.type === "text" || last.type === "image" || last.type === "file";
  return markable ? [...parts.slice(0, -1), { ...last, cache: last.cache ?? cache }] : parts;
};

const checkToolCalls = (reading: Reading, message: Json, path: string): void => {
  const calls = readList(reading, message["tool_calls"], `${path}.tool_calls`) ?? [];
  calls.forEach((call, index) => {
    const here = `${path}.tool_calls[${index}]`;
    if (!isObject(call)) {
      invalid(reading, here);
      return;
    }
    needText(reading, call["id"], `${here}.id`);
    const named = call["function"];
    if (named === undefined && typeof call["type"] === "string" && call["type"] !== "function") {
      reading.unportable.push(here);
      return;
    }
    const fields = readObject(reading, named, `${here}.function`);
    needText(reading, fields?.["name"], `${here}.function.name`);
    readText(reading, fields?.["arguments"], `${here}.function.arguments`);
  });
};

/** In the order in which a model says them: thoughts, text, refusal, calls. */
const assistantParts = (reading: Reading, message: Json, index: number, path: string): Part[] => {
  checkToolCalls(reading, message, path);
  const refusal = readText(reading, message["refusal"], `${path}.refusal`);
  const text = withMark(
    reading,
    decodeContent(reading, message["content"], `${path}.content`),
    message,
    path,
  );
  const signature = signatureOf(message);
  const last = text.at(-1);
  if (signature !== undefined && last?.type === "text")
    text[text.length - 1] = { ...last, signature };
  return [
    ...thoughtsOf(message).map(({ part }) => part),
    ...text,
    ...(refusal === undefined ? [] : [{ type: "refusal" as const, text: refusal }]),
    ...toolCallParts(message, legacyCallId(index)),
  ];
};

/** The legacy function_call has no id, and its answer names only the function: the last call is meant. */
const legacyCallId = (index: number): string => `call_${index}`;

const decodeMessage = (
  reading: Reading,
  message: unknown,
  index: number,
  lastLegacyCall: string,
): Message => {
  const path = `messages[${index}]`;
  if (!isObject(message)) {
    invalid(reading, path);
    return { role: "user", content: [] };
  }
  const optional = {
    ...defined({ name: readText(reading, message["name"], `${path}.name`) }),
    ...readExtra(reading, message, MESSAGE_FIELDS, MESSAGE_HINTS, path),
  };
  const role = message["role"];
  if (role === "assistant") {
    return { role, content: assistantParts(reading, message, index, path), ...optional };
  }
  const given = message["content"];
  if (given === undefined || (given === null && role !== "function")) {
    invalid(reading, `${path}.content`);
  }
  const content = withMark(
    reading,
    decodeContent(reading, message["content"], `${path}.content`),
    message,
    path,
  );
  switch (role) {
    case "system":
    case "developer":
    case "user":
      return { role, content, ...optional };
    case "tool": {
      const id = needText(reading, message["tool_call_id"], `${path}.tool_call_id`);
      return { role, tool_call_id: id, content, ...optional };
    }
    case "function":
      return { role: "tool", tool_call_id: lastLegacyCall, content, ...optional };
    default:
      invalid(reading, `${path}.role`);
      return { role: "user", content };
  }
};

export const decodeMessages = (reading: Reading, value: unknown): Message[] => {
  const list = readList(reading, value, "messages");
  if (list === undefined || list.length === 0) {
    invalid(reading, "messages");
    return [];
  }
  let lastLegacyCall = legacyCallId(0);
  return list.map((message, index) => {
    if (isObject(message) && isObject(message["function_call"])) {
      lastLegacyCall = legacyCallId(index);
    }
    return decodeMessage(reading, message, index, lastLegacyCall);
  });
};
