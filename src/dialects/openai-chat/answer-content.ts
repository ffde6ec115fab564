/**
 * Decides: how the content of an answer, or of one delta of it, is read: a string, or the list of
 * parts that Mistral sends when its model thinks.
 * Never: knows whether the answer is whole or streamed.
 */
import type { TextPart, ThinkingPart } from "../../domain/chat.ts";
import { isObject } from "../reading.ts";

/** Mistral: {"type": "thinking", "thinking": [{"type": "text", "text": "…"}]}. */
const thinkingText = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  return value
    .filter(isObject)
    .map((piece) => (typeof piece["text"] === "string" ? piece["text"] : ""))
    .join("");
};

/** Empty pieces are left out; parts of a kind that is not text (references) too. */
export const answerContent = (content: unknown): (TextPart | ThinkingPart)[] => {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter(isObject).flatMap((piece): (TextPart | ThinkingPart)[] => {
    if (piece["type"] === "thinking") {
      const text = thinkingText(piece["thinking"]);
      return text === "" ? [] : [{ type: "thinking", text }];
    }
    const text = piece["type"] === "text" ? piece["text"] : undefined;
    return typeof text === "string" && text !== "" ? [{ type: "text", text }] : [];
  });
};
