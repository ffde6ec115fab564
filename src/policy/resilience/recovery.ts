/**
 * Decides: how a stream that died after its first content may go on, and whether a second answer is
 * the same answer: it is compared character by character with what the caller has seen.
 * Never: lets an unverified character through (machines.md 10).
 */
import type { ChatEvent } from "../../domain/event.ts";

export type RecoveryMode = "continue" | "restart" | "hold" | "error";

/** The caller's wish, then the configuration's. A restart exists only where chunks can say so. */
export const recoveryMode = (
  asked: RecoveryMode | undefined,
  configured: "continue" | "hold" | "error" | undefined,
  isChat: boolean,
): RecoveryMode => {
  const mode = asked ?? configured ?? "continue";
  return mode === "restart" && !isChat ? "error" : mode;
};

/**
 * The text that has reached the caller, as far as another answer can go on from it. Undefined where
 * none can: within tool calls, with several choices, with a refusal or with parts that only one
 * provider understands. Thoughts are no part of the answer.
 */
export const textSaid = (events: readonly ChatEvent[]): string | undefined => {
  let text = "";
  for (const event of events) {
    switch (event.type) {
      case "text":
        if (event.choice !== 0) return undefined;
        text += event.text;
        break;
      case "thinking":
        if (event.choice !== 0) return undefined;
        break;
      case "start":
      case "usage":
      case "citation":
        break;
      default:
        return undefined;
    }
  }
  return text;
};

export type Splice = {
  /** The part of `text` that the caller has not seen; undefined when the answers differ. */
  take(text: string): string | undefined;
  /** Whether all that was said has been said again. */
  readonly done: boolean;
};

/** Holds a fresh answer against what was said, and lets through only what comes after it. */
export const verifySplice = (said: string): Splice => {
  let matched = 0;
  return {
    take: (text) => {
      const due = said.slice(matched, matched + text.length);
      if (!text.startsWith(due)) return undefined;
      matched += due.length;
      return text.slice(due.length);
    },
    get done() {
      return matched === said.length;
    },
  };
};

/**
 * Joins the output of a prefilled answer. Providers refuse a prefill that ends in white space, so that
 * is sent without; where the answer then begins with it, the caller has seen it already.
 */
export const prefillSplice = (said: string): Splice & { readonly prefill: string } => {
  const prefill = said.trimEnd();
  let due = said.slice(prefill.length);
  return {
    prefill,
    take: (text) => {
      let at = 0;
      while (at < text.length && text[at] === due[at]) at += 1;
      // What comes after the first other character is new, white space or not.
      due = at === text.length ? due.slice(at) : "";
      return text.slice(at);
    },
    done: true,
  };
};
