/**
 * Decides: what of a request the model reads – which texts, and how much scaffolding around them.
 * Never: knows what a provider makes of it; a family's weights (weights.ts) turn amounts into tokens.
 */
import type { ChatRequest, Message, Part, Tool } from "../../domain/chat.ts";

/** Tokens of a text, exactly or about. */
export type CountText = (text: string) => number;

/** What is counted. Texts are in tokens of the counter; everything else are numbers of things. */
export type Amounts = {
  /** Always 1: what the provider writes round every conversation. */
  readonly request: number;
  readonly message: number;
  /** Tokens of all that was said: text, refusals, names and arguments of tool calls. */
  readonly text: number;
  readonly call: number;
  /** 1 where there are tools of any kind: the instructions on how to call them. */
  readonly tools: number;
  /** 1 where a call is demanded. */
  readonly forced: number;
  readonly tool: number;
  /** Tools of the provider's own (web search …). */
  readonly native: number;
  /** Tokens of the tools' names and descriptions, and of their schemas as JSON. */
  readonly toolText: number;
  readonly schema: number;
  /** 1 where a JSON schema binds the answer, and the schema's tokens. */
  readonly format: number;
  readonly formatSchema: number;
  /** 1 where thinking with a budget is asked for. */
  readonly thinking: number;
  readonly image: number;
  readonly file: number;
  /** Thousands of base64 characters: of audio, and of the sealed thoughts that an answer handed out. */
  readonly audio: number;
  readonly signature: number;
};

type Texts = { readonly text: string[]; readonly counts: Map<keyof Amounts, number> };

const KILO = 1_000;

const addPart = (texts: Texts, part: Part, thoughts: boolean): void => {
  const one = (name: keyof Amounts, amount = 1): void => {
    texts.counts.set(name, (texts.counts.get(name) ?? 0) + amount);
  };
  if ("signature" in part) one("signature", (part.signature?.length ?? 0) / KILO);
  switch (part.type) {
    case "text":
    case "refusal":
      texts.text.push(part.text);
      break;
    case "thinking":
      if (thoughts) texts.text.push(part.text);
      break;
    case "tool_call":
      one("call");
      texts.text.push(part.name, part.arguments);
      break;
    case "image":
      one("image");
      break;
    case "file":
      if (part.source.kind === "text") texts.text.push(part.source.text);
      else one("file");
      break;
    case "audio":
      one("audio", part.data.length / KILO);
      break;
    case "opaque":
      texts.text.push(JSON.stringify(part.raw));
      break;
  }
};

const textsOf = (messages: readonly Message[]): Texts => {
  const texts: Texts = { text: [], counts: new Map() };
  // Thoughts before the last question are not read again (Anthropic, "Extended thinking").
  const lastQuestion = messages.findLastIndex(({ role }) => role === "user");
  messages.forEach((message, index) => {
    if (message.name !== undefined) texts.text.push(message.name);
    for (const part of message.content) addPart(texts, part, index > lastQuestion);
  });
  return texts;
};

const sum = (texts: readonly string[], count: CountText): number =>
  texts.reduce((total, text) => total + count(text), 0);

const json = (value: unknown): string => (value === undefined ? "" : JSON.stringify(value));

/** The amounts of a request, its texts counted by `count`. */
export const outline = (request: ChatRequest, count: CountText): Amounts => {
  const { text, counts } = textsOf(request.messages);
  const tools: readonly Tool[] = request.tools ?? [];
  const own = tools.filter(({ native }) => native === undefined);
  const format =
    request.response_format?.type === "json_schema" ? request.response_format : undefined;
  const choice = request.tool_choice;
  const forced = choice === "required" || typeof choice === "object";
  return {
    request: 1,
    message: request.messages.length,
    text: sum(text, count),
    call: counts.get("call") ?? 0,
    tools: tools.length > 0 ? 1 : 0,
    forced: own.length > 0 && forced ? 1 : 0,
    tool: own.length,
    native: tools.length - own.length,
    toolText: sum(
      own.flatMap(({ name, description }) => [name, description ?? ""]),
      count,
    ),
    schema: sum(
      own.map(({ parameters }) => json(parameters)),
      count,
    ),
    format: format === undefined ? 0 : 1,
    formatSchema: count(json(format?.schema)),
    thinking: request.reasoning?.budget_tokens === undefined ? 0 : 1,
    image: counts.get("image") ?? 0,
    file: counts.get("file") ?? 0,
    audio: counts.get("audio") ?? 0,
    signature: counts.get("signature") ?? 0,
  };
};
