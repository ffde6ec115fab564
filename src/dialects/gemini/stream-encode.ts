/**
 * Decides: how events become the chunks that a Gemini client reads.
 * Never: sends half a tool call: its arguments are gathered until they are whole.
 */
import type { Citation, FinishReason } from "../../domain/chat.ts";
import type { ChatEvent } from "../../domain/event.ts";
import type { Usage } from "../../domain/usage.ts";
import { defined } from "../defined.ts";
import type { AnswerContext, StreamEncoder } from "../dialect.ts";
import { encodeCitations } from "./citations.ts";
import { encodeFinish } from "./finish.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { argsOf } from "./response.ts";
import { encodeUsage } from "./usage.ts";
import type { Wire } from "./wire.ts";

/** What one choice keeps back. */
type Draft = {
  call: { readonly part: Wire; readonly head: Wire; arguments: string } | undefined;
  /** The last text part, in which citations count, and whether it is still being written. */
  text: string;
  writing: boolean;
  readonly citations: Citation[];
  finish: FinishReason | undefined;
};

const frame = (chunk: Wire): string => `data: ${JSON.stringify(chunk)}\r\n\r\n`;

export const streamEncoder = (context: AnswerContext): StreamEncoder => {
  const drafts = new Map<number, Draft>();
  let head: Wire = {};
  let usage: Usage | undefined;

  const draftOf = (choice: number): Draft => {
    const draft = drafts.get(choice) ?? {
      call: undefined,
      text: "",
      writing: false,
      citations: [],
      finish: undefined,
    };
    drafts.set(choice, draft);
    return draft;
  };

  const chunk = (index: number, parts: readonly Wire[], more: Wire = {}): string =>
    frame({ candidates: [{ content: { parts, role: "model" }, index, ...more }], ...head });

  /** The call that was being gathered, now that something else comes. */
  const closed = (choice: number, draft: Draft): string => {
    const { call } = draft;
    if (call === undefined) return "";
    draft.call = undefined;
    return chunk(choice, [
      { functionCall: { ...call.head, args: argsOf(call.arguments) }, ...call.part },
    ]);
  };

  const part = (choice: number, wire: Wire, more: Wire = {}): string => {
    const draft = draftOf(choice);
    draft.writing = wire["text"] !== undefined && wire["thought"] === undefined;
    return closed(choice, draft) + chunk(choice, [wire], more);
  };

  /** Finish reasons, citations and usage stand in the last chunk, as Gemini has it. */
  const last = (): string => {
    const calls = [...drafts].map(([choice, draft]) => closed(choice, draft)).join("");
    const candidates = [...drafts].map(([index, draft]) => ({
      content: { parts: [], role: "model" },
      finishReason: encodeFinish(draft.finish ?? "unknown"),
      index,
      ...(draft.citations.length > 0
        ? { groundingMetadata: encodeCitations(draft.citations, draft.text) }
        : {}),
    }));
    return (
      calls +
      frame({
        candidates,
        ...(usage ? { usageMetadata: encodeUsage(usage) } : {}),
        ...head,
        ...(context.coda ? { headgate: context.coda() } : {}),
      })
    );
  };

  const encode = (event: ChatEvent): string => {
    switch (event.type) {
      case "start":
        head = {
          modelVersion: event.model,
          responseId: event.id === "" ? context.requestId : event.id,
        };
        return "";
      case "text": {
        const { choice, text, signature, logprobs } = event;
        const draft = draftOf(choice);
        draft.text = draft.writing ? draft.text + text : text;
        const more = logprobs ? { logprobsResult: encodeLogprobs(logprobs) } : {};
        return part(choice, { text, ...defined({ thoughtSignature: signature }) }, more);
      }
      case "refusal":
        return part(event.choice, { text: event.text });
      case "thinking": {
        const { choice, text, signature, redacted } = event;
        if (redacted !== undefined) return "";
        const thoughtSignature = signature;
        return part(choice, { text, thought: true, ...defined({ thoughtSignature }) });
      }
      case "opaque":
        return event.part.dialect === "gemini" ? part(event.choice, { ...event.part.raw }) : "";
      case "tool_call": {
        const draft = draftOf(event.choice);
        const before = closed(event.choice, draft);
        draft.call = {
          head: { id: event.id, name: event.name },
          part: defined({ thoughtSignature: event.signature }),
          arguments: "",
        };
        draft.writing = false;
        return before;
      }
      case "tool_arguments": {
        const { call } = draftOf(event.choice);
        if (call !== undefined) call.arguments += event.text;
        return "";
      }
      case "citation":
        draftOf(event.choice).citations.push(event.citation);
        return "";
      case "finish":
        draftOf(event.choice).finish = event.reason;
        return "";
      case "usage":
        usage = { ...usage, ...event.usage };
        return "";
      case "end":
        return last();
      case "error":
        // The relay writes its own error in the caller's dialect; upstream's words stay inside.
        return "";
    }
  };

  return { encode };
};
