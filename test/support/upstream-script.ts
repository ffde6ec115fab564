/**
 * Decides: the words in which a fault is written down: a reply is a script of steps, and a fault is a script
 * that differs from the healthy one.
 * Never: touches a socket; the server plays scripts.
 */
import { type Asked, answerTo } from "./upstream-answer.ts";
import type { Stream, UpstreamFault, Wire } from "./upstream-wire.ts";

export type Step =
  | { readonly do: "head"; readonly status: number; readonly headers: Record<string, string> }
  | { readonly do: "send"; readonly bytes: string | Uint8Array }
  /** The same bytes many times, as fast as the other side takes them. */
  | { readonly do: "pour"; readonly bytes: string; readonly times: number }
  | { readonly do: "wait"; readonly ms: number }
  /** Silence until the other side goes away. */
  | { readonly do: "hang" }
  /** The body ends as it should. */
  | { readonly do: "end" }
  /** The connection is closed in the middle of the body: no terminating chunk. */
  | { readonly do: "drop" }
  /** The connection is reset. */
  | { readonly do: "cut" };

export type Scene = {
  readonly wire: Wire;
  readonly asked: Asked;
  /** Milliseconds between two content events. */
  readonly paceMs: number;
  /** Which request this is for the model's name, from 1. */
  readonly attempt: number;
  /** Milliseconds since the first request for the model's name. */
  readonly sinceFirstMs: number;
};

const JSON_TYPE = "application/json";
const SSE_TYPE = "text/event-stream; charset=utf-8";

export const head = (status: number, type: string, more: Record<string, string> = {}): Step => ({
  do: "head",
  status,
  headers: { "content-type": type, "x-request-id": "req_upstream_test", ...more },
});
export const streamHead = head(200, SSE_TYPE, { "cache-control": "no-cache" });
export const send = (bytes: string | Uint8Array): Step => ({ do: "send", bytes });
export const pour = (bytes: string, times: number): Step => ({ do: "pour", bytes, times });
export const wait = (ms: number): Step => ({ do: "wait", ms });
export const hang: Step = { do: "hang" };
export const end: Step = { do: "end" };
export const drop: Step = { do: "drop" };
export const cut: Step = { do: "cut" };

/** A whole JSON body. */
export const json = (body: unknown, status = 200, more: Record<string, string> = {}): Step[] => [
  head(status, JSON_TYPE, more),
  send(JSON.stringify(body)),
  end,
];

export const failing = (
  scene: Scene,
  fault: UpstreamFault,
  more?: Record<string, string>,
): Step[] => json(scene.wire.error(fault), fault.status, more);

/** The events of the healthy streamed answer. */
export const streamOf = (scene: Scene): Stream =>
  scene.wire.stream(scene.asked.model, answerTo(scene.asked), scene.asked);

/** The healthy whole answer. */
export const wholeOf = (scene: Scene): unknown =>
  scene.wire.whole(scene.asked.model, answerTo(scene.asked));

/** Content events, each after its pause. */
export const paced = (scene: Scene, events: readonly string[]): Step[] =>
  events.flatMap((event) => (scene.paceMs > 0 ? [wait(scene.paceMs), send(event)] : [send(event)]));

/** A streamed answer with its content replaced or its end left out; a whole answer stays healthy. */
export const streamed = (
  scene: Scene,
  content: readonly Step[],
  closing?: readonly Step[],
): Step[] => {
  if (!scene.asked.stream) return json(wholeOf(scene));
  const { open, close, terminal } = streamOf(scene);
  return [
    streamHead,
    ...open.map(send),
    ...content,
    ...(closing ?? [...close.map(send), send(terminal), end]),
  ];
};

/** The answer as it ought to be, streamed or whole. */
export const healthy = (scene: Scene): Step[] =>
  streamed(scene, paced(scene, streamOf(scene).content));

/** `count` tokens of the answer, then `after`; a whole answer breaks off in its middle. */
export const broken = (scene: Scene, count: number, after: readonly Step[]): Step[] => {
  if (scene.asked.stream) {
    return streamed(scene, paced(scene, streamOf(scene).content.slice(0, count)), after);
  }
  const text = JSON.stringify(wholeOf(scene));
  return [head(200, JSON_TYPE), send(text.slice(0, text.length / 2)), ...after];
};

/** The healthy answer with its bytes rewritten before they are sent. */
export const rewritten = (scene: Scene, rewrite: (text: string) => string | Uint8Array): Step[] =>
  healthy(scene).map((step) => (step.do === "send" ? send(rewrite(step.bytes as string)) : step));
