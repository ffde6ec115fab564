/**
 * Decides: the closed list of things that can happen in a streamed answer, dialect-free.
 * Never: holds bytes. Frames are base/sse; a same-dialect stream is not decoded into events at all
 * unless somebody has to look.
 */
import type { Citation, Extra, FinishReason, OpaquePart, TokenLogprob } from "./chat.ts";
import type { Usage } from "./usage.ts";

/** `choice` is the index of the alternative (OpenAI `n`); 0 where a dialect has only one. */
export type ChatEvent =
  | {
      readonly type: "start";
      readonly id: string;
      readonly model: string;
      readonly created?: number;
      readonly extra?: Extra;
    }
  | {
      readonly type: "text";
      readonly choice: number;
      readonly text: string;
      /** Tells adjacent text blocks apart where a dialect has several; absent where it has one. */
      readonly block?: number;
      readonly logprobs?: readonly TokenLogprob[];
      readonly signature?: string;
    }
  | { readonly type: "refusal"; readonly choice: number; readonly text: string }
  /** A piece of reasoning. `block` counts the thinking blocks of the answer, from 0. */
  | {
      readonly type: "thinking";
      readonly choice: number;
      readonly block: number;
      readonly text: string;
      readonly signature?: string;
      readonly redacted?: string;
      readonly format?: string;
    }
  /** `call` counts the tool calls of the choice, from 0, in the order in which they begin. */
  | {
      readonly type: "tool_call";
      readonly choice: number;
      readonly call: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: string;
    }
  | {
      readonly type: "tool_arguments";
      readonly choice: number;
      readonly call: number;
      readonly text: string;
    }
  /** Belongs to the text block that is being written, or to the last one. */
  | {
      readonly type: "citation";
      readonly choice: number;
      readonly block?: number;
      readonly citation: Citation;
    }
  /** A whole block that only its own dialect knows. */
  | { readonly type: "opaque"; readonly choice: number; readonly part: OpaquePart }
  | {
      readonly type: "finish";
      readonly choice: number;
      readonly reason: FinishReason;
      readonly stop_sequence?: string;
    }
  /** Cumulative: the last one wins, field by field. */
  | { readonly type: "usage"; readonly usage: Usage }
  /** The provider reported a fault inside the stream; nothing after it is part of the answer. */
  | { readonly type: "error"; readonly body: unknown }
  /** The dialect's terminal mark ([DONE], message_stop); Gemini has none and its decoder infers it. */
  | { readonly type: "end" };

/** True for the first thing that a caller can see: from here on the stream is committed. */
export const isContent = (event: ChatEvent): boolean => {
  switch (event.type) {
    case "text":
    case "refusal":
    case "thinking":
    case "tool_arguments":
      return (
        event.text !== "" ||
        (event.type === "thinking" &&
          (event.redacted !== undefined || event.signature !== undefined))
      );
    case "tool_call":
    case "citation":
    case "opaque":
      return true;
    default:
      return false;
  }
};
