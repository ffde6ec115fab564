/**
 * Decides: the faults of an upstream that lie in bytes, frames, encodings, headers and usage figures.
 * Never: touches a socket.
 */
import { deflateRawSync, gzipSync } from "node:zlib";
import { answerTo, type Figures, INPUT_TOKENS } from "./upstream-answer.ts";
import type { Play } from "./upstream-faults.ts";
import type { Scene, Step } from "./upstream-script.ts";
import * as script from "./upstream-script.ts";

const withUsage = (scene: Scene, usage: Figures | undefined): Step[] => {
  const answer = { ...answerTo(scene.asked), usage };
  const { model, stream } = scene.asked;
  if (!stream) return script.json(scene.wire.whole(model, answer));
  const { open, content, close, terminal } = scene.wire.stream(model, answer, scene.asked);
  return [
    script.streamHead,
    ...[...open, ...content, ...close, terminal].map(script.send),
    script.end,
  ];
};

const figures = (input: number, output: number): Figures => ({ input, cached: 0, output });

const packed = (scene: Scene, encoding: string, bytes: Uint8Array): Step[] => {
  const type = scene.asked.stream ? "text/event-stream" : "application/json";
  return [script.head(200, type, { "content-encoding": encoding }), script.send(bytes), script.end];
};

const bombs = new Map<string, Uint8Array>();

/** So many spaces, packed; packing takes long enough to be done only once. */
const bomb = (pack: (bytes: Buffer) => Uint8Array, size: number): Uint8Array => {
  const name = `${pack.name} ${size}`;
  const packedUp = bombs.get(name) ?? pack(Buffer.alloc(size, " "));
  bombs.set(name, packedUp);
  return packedUp;
};

const bodyOf = (steps: readonly Step[]): string =>
  steps.map((step) => (step.do === "send" ? String(step.bytes) : "")).join("");

const chunks = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

/** Patterns as in upstream-faults.ts. */
export const BYTE_FAULTS: readonly (readonly [pattern: string, play: Play])[] = [
  // The shape of bytes and frames.
  ["crlf", (scene) => script.rewritten(scene, (text) => text.replaceAll("\n", "\r\n"))],
  ["cr-only", (scene) => script.rewritten(scene, (text) => text.replaceAll("\n", "\r"))],
  [
    "bom",
    (scene) =>
      script
        .healthy(scene)
        .flatMap((step) => (step.do === "head" ? [step, script.send("\uFEFF")] : [step])),
  ],
  [
    "comments",
    (scene) =>
      scene.asked.stream
        ? script.rewritten(scene, (text) => `: keep-alive\n\n${text}`)
        : script.healthy(scene),
  ],
  [
    "invalid-utf8-N",
    (scene, [count = 0]) =>
      script.broken(scene, count, [
        script.send(Uint8Array.of(0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0xfe, 0x0a, 0x0a)),
        script.end,
      ]),
  ],
  [
    "split-bytes-N",
    (scene, [size = 1]) =>
      script
        .healthy(scene)
        .flatMap((step) =>
          step.do !== "send"
            ? [step]
            : chunks(Buffer.from(step.bytes), size).flatMap((part) => [
                script.send(part),
                script.wait(0),
              ]),
        ),
  ],
  ["gzip", (scene) => packed(scene, "gzip", gzipSync(bodyOf(script.healthy(scene))))],
  ["gzip-bomb-N", (scene, [bytes = 0]) => packed(scene, "gzip", bomb(gzipSync, bytes))],
  ["deflate-bomb-N", (scene, [bytes = 0]) => packed(scene, "deflate", bomb(deflateRawSync, bytes))],
  [
    "cookies",
    (scene) =>
      script.healthy(scene).map((step) =>
        step.do !== "head"
          ? step
          : {
              ...step,
              headers: {
                ...step.headers,
                "set-cookie": "session=canary",
                server: "canary",
                "x-internal": "canary",
              },
            },
      ),
  ],

  // What it says it used.
  ["usage-missing", (scene) => withUsage(scene, undefined)],
  ["usage-zero", (scene) => withUsage(scene, figures(0, 0))],
  ["usage-negative", (scene) => withUsage(scene, figures(-INPUT_TOKENS, -60))],
  ["usage-absurd", (scene) => withUsage(scene, figures(1_000_000_000, 1_000_000_000))],
  [
    "usage-twice",
    (scene) => {
      const steps = script.healthy(scene);
      const carries = (step: Step): boolean =>
        step.do === "send" && /"usage(Metadata)?":\{/.test(String(step.bytes));
      const last = scene.asked.stream ? steps.findLastIndex(carries) : -1;
      return steps.flatMap((step, index) => (index === last ? [step, step] : [step]));
    },
  ],
];
