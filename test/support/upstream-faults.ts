/**
 * Decides: the faults that an upstream can have before, instead of and in the course of an answer.
 * Never: touches a socket.
 */
import { answerTo } from "./upstream-answer.ts";
import type { Scene, Step } from "./upstream-script.ts";
import * as script from "./upstream-script.ts";
import { sse } from "./upstream-wire.ts";

export type Play = (scene: Scene, numbers: readonly number[]) => Step[];

const fails =
  (status: number, message: string, code?: string): Play =>
  (scene) =>
    script.failing(scene, { status, message, ...(code !== undefined && { code }) });

/** Between 0 and 1, the same for the same seed and number. */
const chance = (seed: number, number: number): number => {
  let mixed = Math.imul(seed * 1_000_003 + number, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
};

/** What a provider that fails now and then does when it does. */
const MISHAPS: readonly Play[] = [
  fails(500, "It failed."),
  fails(503, "Overloaded."),
  fails(429, "Too many requests."),
  () => [script.cut],
  (scene) => script.broken(scene, 10, [script.cut]),
];

const SERVER_FAULT = { status: 500, message: "The model crashed while it wrote." };

/** An event that never ends, byte by byte. */
const dripping = (ms: number): Step[] =>
  [...'data: {"never":"ending'].flatMap((one) => [script.wait(ms), script.send(one)]);

/** Patterns are tried in order; `N` stands for digits, handed over as numbers. */
export const FAULTS: readonly (readonly [pattern: string, play: Play])[] = [
  ["ok", script.healthy],

  // Before headers.
  ["reset-before-headers", () => [script.cut]],
  ["silent", () => [script.hang]],
  ["silent-for-N", (_scene, [ms = 0]) => [script.wait(ms), script.cut]],
  ["slow-headers-N", (scene, [ms = 0]) => [script.wait(ms), ...script.healthy(scene)]],

  // Instead of an answer.
  [
    "status-N-ra-N",
    (scene, [status = 500, seconds = 1]) =>
      script.failing(scene, { status, message: "Try later." }, { "retry-after": String(seconds) }),
  ],
  ["status-N", (scene, [status = 500]) => script.failing(scene, { status, message: "It failed." })],
  [
    "down-for-N",
    (scene, [ms = 0]) =>
      scene.sinceFirstMs < ms ? fails(503, "Down.")(scene, []) : script.healthy(scene),
  ],
  [
    "flaky-N",
    (scene, [every = 2]) =>
      scene.attempt % every === 1 ? fails(500, "Flaky.")(scene, []) : script.healthy(scene),
  ],
  [
    // So many requests of a thousand fail, each by itself.
    "mishap-N-seed-N",
    (scene, [perMille = 0, seed = 1]) => {
      const drawn = chance(seed, scene.attempt) * 1_000;
      const mishap = drawn < perMille ? MISHAPS[scene.attempt % MISHAPS.length] : undefined;
      return (mishap ?? script.healthy)(scene, []);
    },
  ],
  [
    "quota-N",
    (scene, [status = 429]) =>
      fails(
        status,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
      )(scene, []),
  ],
  [
    "context-400",
    fails(
      400,
      "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
      "context_length_exceeded",
    ),
  ],
  [
    "content-filter-400",
    fails(
      400,
      "The request was rejected as a result of the safety system.",
      "content_policy_violation",
    ),
  ],
  [
    "prefill-400",
    (scene) =>
      scene.asked.lastRole === "assistant"
        ? fails(
            400,
            "This model does not support assistant message prefill. The conversation must end with a user message.",
          )(scene, [])
        : script.healthy(scene),
  ],
  [
    "error-in-200",
    (scene) => script.json(scene.wire.error({ ...SERVER_FAULT, message: "Hidden in a success." })),
  ],
  [
    "html-200",
    () => [
      script.head(200, "text/html"),
      script.send("<!doctype html><title>Sign in</title>"),
      script.end,
    ],
  ],
  ["empty-200", () => [script.head(200, "application/json"), script.end]],
  [
    "redirect",
    () => [script.head(302, "text/plain", { location: "/internal/metadata" }), script.end],
  ],

  // In the course of an answer.
  ["headers-then-silent", () => [script.streamHead, script.hang]],
  [
    "slow-first-token-N",
    (scene, [ms = 0]) => [script.streamHead, script.wait(ms), ...script.healthy(scene).slice(1)],
  ],
  ["cut-after-N", (scene, [count = 0]) => script.broken(scene, count, [script.cut])],
  ["drop-after-N", (scene, [count = 0]) => script.broken(scene, count, [script.drop])],
  ["end-after-N", (scene, [count = 0]) => script.broken(scene, count, [script.end])],
  [
    "stall-after-N-for-N",
    (scene, [count = 0, ms = 0]) => script.broken(scene, count, [script.wait(ms), script.cut]),
  ],
  ["stall-after-N", (scene, [count = 0]) => script.broken(scene, count, [script.hang])],
  [
    "half-frame-N",
    (scene, [count = 0]) =>
      script.broken(scene, count, [script.send('data: {"id":"hal'), script.end]),
  ],
  [
    "no-done",
    (scene) =>
      script.streamed(scene, script.paced(scene, script.streamOf(scene).content), [
        ...script.streamOf(scene).close.map(script.send),
        script.end,
      ]),
  ],
  [
    "no-done-open",
    (scene) =>
      script.streamed(scene, script.paced(scene, script.streamOf(scene).content), [
        ...script.streamOf(scene).close.map(script.send),
        script.hang,
      ]),
  ],
  [
    "bad-json-event-N",
    (scene, [at = 10]) =>
      script.streamed(
        scene,
        script.paced(scene, script.streamOf(scene).content.toSpliced(at, 0, 'data: {"broken\n\n')),
      ),
  ],
  [
    "first-event-error",
    (scene) =>
      scene.asked.stream
        ? [script.streamHead, script.send(scene.wire.errorEvent(SERVER_FAULT)), script.end]
        : script.json(scene.wire.error(SERVER_FAULT)),
  ],
  [
    "error-event-after-N",
    (scene, [count = 0]) =>
      script.broken(scene, count, [script.send(scene.wire.errorEvent(SERVER_FAULT)), script.end]),
  ],
  [
    "huge-event-N",
    (scene, [bytes = 0]) =>
      script.streamed(scene, [script.send(sse({ padding: "x".repeat(bytes) }))]),
  ],
  [
    // So many events of 64 KiB each, as fast as they are taken.
    "pour-N",
    (scene, [times = 0]) => {
      const answer = { ...answerTo(scene.asked), tokens: ["x".repeat(65_536)] };
      const { content } = scene.wire.stream(scene.asked.model, answer, scene.asked);
      return script.streamed(scene, [script.pour(content.join(""), times)]);
    },
  ],
  [
    "huge-event-after-N-of-N",
    (scene, [count = 0, bytes = 0]) =>
      script.broken(scene, count, [script.send(sse({ padding: "x".repeat(bytes) })), script.end]),
  ],
  [
    "slow-loris-after-N-every-N",
    (scene, [count = 0, ms = 1000]) => script.broken(scene, count, [...dripping(ms), script.hang]),
  ],
  [
    "comment-flood-N",
    (scene, [bytes = 0]) =>
      script.streamed(scene, [script.send(`: ${"x".repeat(bytes)}`), script.hang], []),
  ],
  ["slow-loris-N", (scene, [ms = 1000]) => script.streamed(scene, dripping(ms), [script.hang])],
];
