/**
 * Decides: how the test upstream stands on a socket: it speaks every dialect, takes its conduct from the
 * model's name (upstream-conduct.ts) and remembers what it was asked.
 * Never: listens anywhere but on the loopback.
 */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { bodyOf, serveLoopback } from "./loopback-server.ts";
import { anthropic } from "./upstream-anthropic.ts";
import { scriptFor } from "./upstream-conduct.ts";
import { embeddingsReply } from "./upstream-embeddings.ts";
import { gemini } from "./upstream-gemini.ts";
import { openai } from "./upstream-openai.ts";
import { json, type Step } from "./upstream-script.ts";
import type { Body, Wire } from "./upstream-wire.ts";

export type Received = {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Body;
  readonly model: string;
  /** Which request this was for the model, from 1. */
  readonly attempt: number;
  /** When the other side went away before the reply was complete; undefined until then. */
  abortedAt: number | undefined;
  /** When the reply was complete. */
  finishedAt: number | undefined;
  /** Bytes that the other side has taken of what is poured. */
  poured: number;
};

export type FaultUpstream = {
  readonly url: string;
  readonly requests: readonly Received[];
  /** Every request for one model, in order. */
  to(model: string): readonly Received[];
  /** From now on the model answers as it ought to, whatever its name says. */
  heal(model: string): void;
  dispose(): Promise<void>;
};

const WIRES: readonly (readonly [RegExp, Wire])[] = [
  [/^\/v1\/chat\/completions$/, openai],
  [/^\/v1\/messages$/, anthropic],
  [/^\/v1beta\/models\/[^:]+:(generateContent|streamGenerateContent)$/, gemini],
];

export const startFaultUpstream = async (): Promise<FaultUpstream> => {
  const requests: Received[] = [];
  const byModel = new Map<string, Received[]>();
  const healed = new Set<string>();
  const to = (model: string): Received[] => {
    const known = byModel.get(model) ?? [];
    byModel.set(model, known);
    return known;
  };

  const { url, dispose } = await serveLoopback(async (request, response) => {
    const text = await bodyOf(request);
    const { pathname: path } = new URL(request.url ?? "/", "http://upstream");
    const body = parse(text);
    const wire = WIRES.find(([route]) => route.test(path))?.[1];
    const asked = wire?.read(path, body);
    const model = asked?.model ?? modelOf(path, body);
    const received: Received = {
      at: Date.now(),
      method: request.method ?? "",
      path,
      headers: request.headers,
      text,
      body,
      model,
      attempt: to(model).length + 1,
      abortedAt: undefined,
      finishedAt: undefined,
      poured: 0,
    };
    requests.push(received);
    to(model).push(received);
    response.on("close", () => {
      if (response.writableFinished) received.finishedAt = Date.now();
      else received.abortedAt = Date.now();
    });
    const sinceFirstMs = received.at - (to(model)[0]?.at ?? received.at);
    const script =
      wire === undefined || asked === undefined
        ? embeddingsReply(path, body)
        : scriptFor({ wire, asked, attempt: received.attempt, sinceFirstMs }, healed.has(model));
    await play(
      response,
      received,
      script ?? json({ error: { message: `no conduct: ${model}` } }, 404),
    );
  });

  return {
    url,
    requests,
    to,
    heal: (model) => {
      healed.add(model);
    },
    dispose,
  };
};

const play = async (
  response: ServerResponse,
  received: Received,
  script: readonly Step[],
): Promise<void> => {
  for (const step of script) {
    if (response.destroyed) return;
    switch (step.do) {
      case "head":
        response.writeHead(step.status, step.headers).flushHeaders();
        break;
      case "send":
        response.write(step.bytes);
        break;
      case "pour":
        for (let time = 0; time < step.times && !response.destroyed; time += 1) {
          if (!response.write(step.bytes)) await drained(response);
          received.poured += step.bytes.length;
        }
        break;
      case "wait":
        await pause(response, step.ms);
        break;
      case "hang":
        await pause(response, 2 ** 31 - 1);
        return;
      case "end":
        response.end();
        return;
      case "drop":
        if (response.headersSent) await pause(response, 20);
        response.socket?.destroy();
        return;
      case "cut":
        // What was written has to arrive before the reset does.
        if (response.headersSent) await pause(response, 20);
        response.socket?.resetAndDestroy();
        return;
    }
  }
};

/** Until the other side takes more, or has gone. */
const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });

/** Waits, or until the other side has gone. */
const pause = (response: ServerResponse, ms: number): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.on("close", done);
  });

const parse = (text: string): Body => {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
};

const modelOf = (path: string, body: Body): string =>
  /\/models\/([^:]+):/.exec(path)?.[1] ?? String(body["model"] ?? "");
