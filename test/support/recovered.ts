/**
 * Decides: how a streamed request is played whose first provider breaks off and whose second one may go on.
 * Never: knows what ought to come of it.
 */
import { chat } from "../../src/pipeline/chat.ts";
import type { Dispatch } from "../../src/ports.ts";
import { askFor, createStage, type Played, textOf } from "./pipeline.ts";
import { CONFIG, MESSAGES, SECRETS } from "./recovery.ts";

export const DIALECTS = ["openai", "anthropic", "gemini"] as const;
type Kind = (typeof DIALECTS)[number];
type Inbound = "openai-chat" | "anthropic-messages";
export type Recovery = "continue" | "restart" | "hold" | "error";

/** A second model at the same kind of provider. */
const SECOND: Readonly<Record<string, string>> = {
  openai: "openai-2",
  anthropic: "anthropic-2",
  gemini: "gemini-2",
};

export const kindOf = (dispatch: Dispatch): Kind =>
  DIALECTS.find((kind) => dispatch.url.includes(`//${kind}.`)) ?? "openai";

/** What a caller of `first` hears whose fallback is `second`. `play`: what each of them does when it is asked. */
export const played = async (
  inbound: Inbound,
  first: Kind,
  second: Kind | "prefilled",
  recovery: Recovery,
  play: (dispatch: Dispatch, count: number) => Played,
  more: Record<string, unknown> = {},
) => {
  const stage = createStage(CONFIG, play, SECRETS);
  const body = { model: first, messages: MESSAGES, max_tokens: 500, stream: true, ...more };
  const ask = askFor(stage, body, {
    dialect: inbound,
    endpoint: inbound === "openai-chat" ? "chat" : "messages",
    wishes: { recovery, fallback: [SECOND[second] ?? second] },
  });
  const calling = chat(stage.deps, ask);
  await stage.clock.advance(10);
  const reply = await calling;
  const reading = reply.ok ? textOf(reply.body) : Promise.resolve("");
  await stage.clock.advance(60_000);
  return { text: await reading, reply, stage };
};

/** A stream of those frames, which ends as it should or as it is told. */
export const stream = (frames: readonly string[], ...end: ("cut" | "hang")[]): Played => ({
  type: "text/event-stream",
  body: [...frames, ...end],
});
