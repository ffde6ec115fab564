/**
 * Decides: how an upstream does what the prompt orders – so many words, so fast, not before a gate opens – and
 * keeps the true count of what it was asked and has generated, for each prompt's mark.
 * Never: listens anywhere but on the loopback, and never fails on its own.
 */

import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { bodyOf, serveLoopback } from "./loopback-server.ts";
import { tokenizerFor } from "./rank-files.ts";
import { openai } from "./upstream-openai.ts";

/** What was ordered, and what became of it. Times in milliseconds since the epoch, undefined until then. */
export type Served = {
  readonly mark: string;
  readonly at: number;
  /** Tokens by OpenAI's own count. */
  readonly input: number;
  /** Words handed to the socket; each is one token. */
  output: number;
  finishedAt: number | undefined;
  abortedAt: number | undefined;
};

export type Order = {
  /** Stands in the ledger as the caller's request id, too. */
  readonly mark: string;
  readonly words: number;
  /** Milliseconds between two words of a stream. */
  readonly paceMs?: number;
  /** Nothing is answered before `open(gate)`. */
  readonly gate?: string;
};

export type CountingUpstream = {
  readonly url: string;
  /** In the order of their arrival. */
  readonly served: readonly Served[];
  /** How many orders with that gate are being answered, and how many were at once at most. */
  at(gate: string): { readonly now: number; readonly most: number };
  open(gate: string): void;
  dispose(): Promise<void>;
};

/** Plain English round the order, so that what is estimated of a prompt's size is as near as it usually is. */
const PREFACE = `You are a careful writer who takes orders by the word. Read the whole order before you begin, then write
exactly as many words as it asks for, at the pace that it names and not a word more. Do not explain what you are about
to do, do not comment on the order, and do not repeat it. Plain everyday words are enough; nobody will read them.`;

/** The prompt that orders it. */
export const promptFor = ({ mark, words, paceMs = 0, gate = "none" }: Order): string =>
  `${PREFACE}\n\nWrite ${words} words, one each ${paceMs} milliseconds, gate ${gate}, for ${mark}.`;

const ORDER = /\nWrite (\d+) words, one each (\d+) milliseconds, gate (\S+), for (\S+)\.$/;

/** Each is one token with the space before it, in either of OpenAI's encodings. */
const WORDS = ["time", "year", "people", "way", "day", "man", "thing", "woman", "life", "child"];

/** What OpenAI adds to a conversation of one message: three for the message, one for its role, three for the reply. */
const FRAME = 7;

type Gate = { isOpen: boolean; now: number; most: number; readonly waiting: Set<() => void> };

export const startCountingUpstream = async (): Promise<CountingUpstream> => {
  const tokenizer = tokenizerFor("o200k_base");
  const served: Served[] = [];
  const gates = new Map<string, Gate>();
  const gateOf = (name: string): Gate => {
    const known = gates.get(name) ?? {
      isOpen: name === "none",
      now: 0,
      most: 0,
      waiting: new Set(),
    };
    gates.set(name, known);
    return known;
  };

  const { url, server, dispose } = await serveLoopback(async (request, response) => {
    const body = JSON.parse(await bodyOf(request));
    const text = String(body.messages.at(-1).content);
    const [, words = "0", pace = "0", name = "none", mark = ""] = ORDER.exec(text) ?? [];
    const one: Served = {
      mark,
      at: Date.now(),
      input: tokenizer.count(text) + FRAME,
      output: 0,
      finishedAt: undefined,
      abortedAt: undefined,
    };
    served.push(one);
    const gate = gateOf(name);
    gate.now += 1;
    gate.most = Math.max(gate.most, gate.now);
    response.on("close", () => {
      gate.now -= 1;
      if (response.writableFinished) one.finishedAt = Date.now();
      else one.abortedAt = Date.now();
    });
    if (!gate.isOpen) await opened(gate, response);
    if (!response.destroyed) await answer(response, one, body, Number(words), Number(pace));
  });
  server.keepAliveTimeout = 60_000;

  return {
    url,
    served,
    at: gateOf,
    open(name) {
      const gate = gateOf(name);
      gate.isOpen = true;
      for (const go of gate.waiting) go();
    },
    dispose,
  };
};

const opened = (gate: Gate, response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    gate.waiting.add(resolve);
    response.once("close", resolve);
  });

/** A whole answer is generated when it is written; a stream word by word, for as long as somebody listens. */
const answer = async (
  response: ServerResponse,
  one: Served,
  body: Record<string, unknown>,
  words: number,
  paceMs: number,
): Promise<void> => {
  const asked = openai.read("", body);
  const count = Math.min(words, asked.maxTokens ?? words);
  const said = Array.from({ length: count }, (_, index) => ` ${WORDS[index % WORDS.length]}`);
  const usage = { input: one.input, cached: 0, output: count };
  const finish = count < words ? "length" : "stop";
  const all = { tokens: said, tools: [], finish, usage } as const;
  if (!asked.stream) {
    one.output = count;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(openai.whole(asked.model, all)));
    return;
  }
  const { open, content, close, terminal } = openai.stream(asked.model, all, asked);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of open) response.write(event);
  for (const event of content) {
    if (paceMs > 0) await pause(paceMs);
    if (response.destroyed) return;
    response.write(event);
    one.output += 1;
  }
  response.end(`${close.join("")}${terminal}`);
};
