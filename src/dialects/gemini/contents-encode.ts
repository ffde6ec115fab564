/**
 * Decides: how the canonical conversation becomes `systemInstruction` and `contents`.
 * Never: invents text. What a part cannot say is refused by its path, or named among the dropped hints.
 */
import type { Message, ToolCallPart } from "../../domain/chat.ts";
import { failure } from "../../domain/error.ts";
import { encodeResult } from "./function-result.ts";
import { isThirdGeneration } from "./model-name.ts";
import { encodePart, encodeParts, idField } from "./parts.ts";
import { refuse, type Wire, type Writing } from "./wire.ts";

type Content = { role: "user" | "model"; parts: Wire[] };
type ToolMessage = Message & { role: "tool" };
type Call = Pick<ToolCallPart, "id" | "name">;

/**
 * Base64 of `skip_thought_signature_validator`: what Google documents for tool calls that another
 * model made. Without any signature, generation 3 answers such a history with 400.
 */
const FOREIGN_CALL = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

/** Vertex refuses an empty text: an OpenAI caller's beside its calls, a thought that Claude does not show. */
const saysNothing = ({ text, thoughtSignature }: Wire): boolean =>
  text === "" && thoughtSignature === undefined;

const encodeAssistant = (writing: Writing, message: Message, path: string): Wire[] => {
  const { from, model } = writing.target;
  const written = encodeParts(writing, message.content, path);
  const parts = from === "gemini" ? written : written.filter((part) => !saysNothing(part));
  const firstCall = parts.find((part) => part["functionCall"] !== undefined);
  if (firstCall !== undefined && from !== "gemini" && isThirdGeneration(model)) {
    firstCall["thoughtSignature"] ??= FOREIGN_CALL;
  }
  return parts;
};

/** Media stand inside the result, or before generation 3 beside it. */
const encodeToolResult = (
  writing: Writing,
  message: ToolMessage,
  call: Call,
  path: string,
): Wire[] => {
  if (message.cache !== undefined) writing.dropped.add("messages[].content[].cache_control");
  const texts: string[] = [];
  const media: Wire[] = [];
  message.content.forEach((part, at) => {
    const wire = encodePart(writing, part, `${path}.content[${at}]`);
    if (part.type === "text") texts.push(part.text);
    else if (wire !== undefined) media.push(wire);
  });
  const { from, model } = writing.target;
  const own = from === "gemini";
  const response = encodeResult(texts.join("\n"), message.is_error === true, own);
  const result = { ...idField(call.id), name: call.name, response };
  if (media.length === 0) return [{ functionResponse: result }];
  return own || isThirdGeneration(model)
    ? [{ functionResponse: { ...result, parts: media } }]
    : [{ functionResponse: result }, ...media];
};

const encodeSystem = (writing: Writing, message: Message, path: string): Wire[] => {
  message.content.forEach((part, at) => {
    const isSaid = part.type === "text" || part.type === "opaque";
    if (!isSaid) refuse(writing, `${path}.content[${at}]`);
  });
  return encodeParts(writing, message.content, path);
};

/** By its id; by the name that it carries; or the one call that is still without a result. */
const answeredCall = (
  { tool_call_id: id, name }: ToolMessage,
  calls: ReadonlyMap<string, Call>,
  open: ReadonlySet<Call>,
): Call | undefined => {
  const known = calls.get(id) ?? (name === undefined ? undefined : { id, name });
  if (known !== undefined) return known;
  const [only, ...more] = open;
  return more.length === 0 ? only : undefined;
};

/** System and developer messages, wherever they stand, are the one system instruction that Gemini has. */
export const encodeMessages = (
  writing: Writing,
  messages: readonly Message[],
): { readonly system: readonly Wire[]; readonly contents: readonly Content[] } => {
  const calls = new Map<string, Call>();
  const open = new Set<Call>();
  const system: Wire[] = [];
  const contents: Content[] = [];
  const add = (role: Content["role"], parts: Wire[]) => {
    if (parts.length > 0) contents.push({ role, parts });
  };
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.name !== undefined && message.role !== "tool") {
      writing.dropped.add("messages[].name");
    }
    switch (message.role) {
      case "system":
      case "developer":
        system.push(...encodeSystem(writing, message, path));
        return;
      case "user":
        add("user", encodeParts(writing, message.content, path));
        return;
      case "assistant":
        for (const part of message.content) {
          if (part.type !== "tool_call") continue;
          calls.set(part.id, part);
          open.add(part);
        }
        add("model", encodeAssistant(writing, message, path));
        return;
      case "tool": {
        const call = answeredCall(message, calls, open);
        if (call === undefined) {
          writing.fault ??= failure("invalid_parameter", { param: `${path}.tool_call_id` });
          return;
        }
        open.delete(call);
        const parts = encodeToolResult(writing, message, call, path);
        // The results of calls made together have to come back together.
        const before = contents.at(-1);
        if (before !== undefined && messages[index - 1]?.role === "tool")
          before.parts.push(...parts);
        else add("user", parts);
      }
    }
  });
  // Gemini wants a turn; instructions alone are said by the user then.
  return contents.length === 0 && system.length > 0
    ? { system: [], contents: [{ role: "user", parts: system }] }
    : { system, contents };
};
