/**
 * Decides: how a second answer goes on where the first one broke off: only what the caller has not
 * seen is written, by an encoder that has been through all that the caller has.
 * Never: lets text through that the splice does not vouch for, or a second round of thoughts.
 */
import { decodeFrame } from "../base/sse.ts";
import type { Dialect, StreamEncoder } from "../dialects/dialect.ts";
import type { TokenLogprob } from "../domain/chat.ts";
import type { ChatEvent } from "../domain/event.ts";
import type { Splice } from "../policy/resilience/recovery.ts";
import { type Facts, type Line, learn } from "./line.ts";
import { createMemory } from "./memory.ts";

const encoder = new TextEncoder();

/** Without the tokens of the first `seen` characters. */
const unseen = (tokens: readonly TokenLogprob[], seen: number): readonly TokenLogprob[] => {
  let at = 0;
  return tokens.filter(({ token }) => {
    at += token.length;
    return at > seen;
  });
};

export const createSpliceLine = (
  dialect: Dialect,
  facts: Facts,
  write: StreamEncoder,
  said: readonly ChatEvent[],
  splice: Splice,
): Line => {
  const decoder = dialect.stream.decoder();
  const memory = createMemory(dialect);
  const history: ChatEvent[] = [...said];
  const own: ChatEvent[] = [];
  // The new answer's blocks are numbered anew; its text belongs to the block that was being written.
  const open = said.findLast((event) => event.type === "text");
  const block = open?.type === "text" ? open.block : undefined;
  for (const event of said) write.encode(event);

  const pass = (event: ChatEvent): string => {
    history.push(event);
    return write.encode(event);
  };

  const rest = (event: ChatEvent & { type: "text" }): string => {
    const text = event.choice === 0 ? splice.take(event.text) : undefined;
    if (text === undefined) {
      facts.diverged = true;
      return "";
    }
    if (text === "") return "";
    facts.content = true;
    const { block: _own, logprobs, ...plain } = event;
    return pass({
      ...{ ...plain, text },
      ...(logprobs && { logprobs: unseen(logprobs, event.text.length - text.length) }),
      ...(block === undefined ? {} : { block }),
    });
  };

  const one = (event: ChatEvent): string => {
    switch (event.type) {
      case "start":
      case "thinking":
      case "error":
        return "";
      case "text":
        return rest(event);
      case "usage":
      case "end":
        return pass(event);
      default:
        // A finish, a tool call: whatever comes before all has been said again is another answer.
        if (!splice.done) {
          facts.diverged = true;
          return "";
        }
        facts.content ||= event.type !== "finish";
        return pass(event);
    }
  };

  const say = (events: readonly ChatEvent[]): string => {
    let text = "";
    for (const event of events) {
      if (facts.ended || facts.diverged || facts.error !== undefined) break;
      learn(facts, event);
      own.push(event);
      text += one(event);
    }
    return text;
  };
  const bytes = (text: string): readonly Uint8Array[] =>
    text === "" ? [] : [encoder.encode(text)];

  return {
    facts,
    take: (frames) => {
      memory.keep(frames);
      let text = "";
      for (const frame of frames) {
        const event = decodeFrame(frame);
        const events = event === undefined ? undefined : decoder.decode(event);
        if (events?.ok) {
          facts.events += 1;
          text += say(events.value);
        } else if (events !== undefined) facts.malformed += 1;
      }
      return bytes(text);
    },
    finish: () => {
      const last = say(decoder.finish());
      return bytes(facts.ended || !facts.finished ? last : last + say([{ type: "end" }]));
    },
    said: () => history,
    own: () => own,
    frames: memory.frames,
  };
};
