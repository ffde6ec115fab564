/**
 * Decides: how `systemInstruction` and `contents` become the canonical conversation.
 * Never: drops a part: what only Gemini knows (code it ran, video cuts …) travels as an opaque one.
 */
import type { Message, Part } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { wordIn } from "../loosely.ts";
import { invalid, isObject, type Json, type Reading, readList, readObject } from "../reading.ts";
import { decodeResult } from "./function-result.ts";
import { decodeMedia } from "./media.ts";
import { GEMINI_FORMAT, placeId } from "./parts.ts";
import { take, unknownFields } from "./wire.ts";

const TEXT_FIELDS: ReadonlySet<string> = new Set(["text", "thought", "thoughtSignature"]);
const MEDIA_FIELDS: ReadonlySet<string> = new Set(["inlineData", "fileData"]);
const CALL_PART_FIELDS: ReadonlySet<string> = new Set(["functionCall", "thoughtSignature"]);
const CALL_FIELDS: ReadonlySet<string> = new Set(["id", "name", "args"]);
const RESULT_FIELDS: ReadonlySet<string> = new Set(["id", "name", "response", "parts"]);

/** A call that no result has answered yet. */
type Open = { readonly id: string; readonly name: string };

const decodeText = (part: Json, text: string): Part | undefined => {
  if (unknownFields(part, TEXT_FIELDS).length > 0) return undefined;
  const signature = wordIn(take(part, "thoughtSignature"));
  if (part["thought"] !== true) return { type: "text", text, ...defined({ signature }) };
  const format = signature === undefined ? undefined : GEMINI_FORMAT;
  return { type: "thinking", text, ...defined({ signature, format }) };
};

const decodeCall = (part: Json, call: Json, fallbackId: string): Part | undefined => {
  const name = wordIn(call["name"]);
  const unknown = [...unknownFields(call, CALL_FIELDS), ...unknownFields(part, CALL_PART_FIELDS)];
  if (name === undefined || unknown.length > 0) return undefined;
  const signature = wordIn(take(part, "thoughtSignature"));
  return {
    type: "tool_call",
    id: wordIn(call["id"]) ?? fallbackId,
    name,
    arguments: JSON.stringify(call["args"] ?? {}),
    ...defined({ signature }),
  };
};

const decodePart = (reading: Reading, part: Json, path: string, fallbackId: string): Part => {
  const { text } = part;
  const call = take(part, "functionCall");
  const known =
    typeof text === "string"
      ? decodeText(part, text)
      : isObject(call)
        ? decodeCall(part, call, fallbackId)
        : unknownFields(part, MEDIA_FIELDS).length === 0
          ? decodeMedia(part)
          : undefined;
  if (known !== undefined) return known;
  reading.unportable.push(path);
  return { type: "opaque", dialect: "gemini", raw: part };
};

/** undefined when the result has fields that only Gemini knows. */
const decodeToolResult = (
  result: Json,
  open: Open[],
  fallbackId: string,
): (Message & { role: "tool" }) | undefined => {
  const name = wordIn(result["name"]);
  const response = result["response"];
  if (name === undefined || unknownFields(result, RESULT_FIELDS).length > 0) return undefined;
  const media: Part[] = [];
  for (const part of Array.isArray(result["parts"]) ? result["parts"] : []) {
    const medium = isObject(part) ? decodeMedia(part) : undefined;
    if (medium === undefined) return undefined;
    media.push(medium);
  }
  const id = wordIn(result["id"]);
  const at = open.findIndex((call) => (id === undefined ? call.name === name : call.id === id));
  const [answered] = at === -1 ? [] : open.splice(at, 1);
  const { text, isError } = decodeResult(isObject(response) ? response : {});
  return {
    role: "tool",
    tool_call_id: id ?? answered?.id ?? fallbackId,
    content: [{ type: "text", text }, ...media],
    ...(isError ? { is_error: true } : {}),
    ...(answered === undefined ? { name } : {}),
  };
};

const objectsIn = (reading: Reading, content: Json, path: string): Json[] => {
  const parts = readList(reading, content["parts"], `${path}.parts`) ?? [];
  return parts.filter((part, at): part is Json => {
    if (!isObject(part)) invalid(reading, `${path}.parts[${at}]`);
    return isObject(part);
  });
};

const decodeContent = (reading: Reading, content: Json, index: number, open: Open[]): Message[] => {
  const path = `contents[${index}]`;
  const role = content["role"] ?? "user";
  if (role !== "user" && role !== "model" && role !== "function" && role !== "tool") {
    invalid(reading, `${path}.role`);
  }
  const messages: Message[] = [];
  let parts: Part[] = [];
  const close = () => {
    if (parts.length > 0) {
      messages.push({ role: role === "model" ? "assistant" : "user", content: parts });
    }
    parts = [];
  };
  objectsIn(reading, content, path).forEach((part, at) => {
    const fallbackId = placeId(index, at);
    const result = take(part, "functionResponse");
    const message = isObject(result) ? decodeToolResult(result, open, fallbackId) : undefined;
    if (message !== undefined) {
      close();
      messages.push(message);
      return;
    }
    const decoded = decodePart(reading, part, `${path}.parts[${at}]`, fallbackId);
    if (decoded.type === "tool_call") open.push(decoded);
    parts.push(decoded);
  });
  close();
  return messages;
};

export const decodeMessages = (reading: Reading, body: Json): Message[] => {
  const messages: Message[] = [];
  const system = readObject(reading, take(body, "systemInstruction"), "systemInstruction");
  if (system !== undefined) {
    const parts = objectsIn(reading, system, "systemInstruction").map((part, at) =>
      decodePart(reading, part, `systemInstruction.parts[${at}]`, ""),
    );
    if (parts.length > 0) messages.push({ role: "system", content: parts });
  }
  const contents = readList(reading, body["contents"], "contents");
  if (contents === undefined || contents.length === 0) invalid(reading, "contents");
  const open: Open[] = [];
  contents?.forEach((content, index) => {
    if (isObject(content)) messages.push(...decodeContent(reading, content, index, open));
    else invalid(reading, `contents[${index}]`);
  });
  return messages;
};
