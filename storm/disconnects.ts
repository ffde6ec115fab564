/**
 * Decides: what follows when callers hang up at a random byte of the answer (bars.md P10): how soon the upstream
 * is left, the slot is free and the use is settled.
 * Never: closes a connection politely.
 */

import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { chanceFrom } from "../test/support/chance.ts";
import { promptFor, type Served } from "../test/support/counting-upstream.ts";
import { on, quiet } from "./account.ts";
import type { Finding, Lab } from "./lab.ts";

/** Milliseconds. */
const ABORTED_WITHIN = 1_000;
const FREE_WITHIN = 2_000;
const SETTLED_WITHIN = 5_000;
const GIVE_UP = 20_000;
const WORDS = 120;
/** Between two words. What is on its way when a caller leaves is little beside what he has heard. */
const PACE_MS = 40;
/** A streamed word has about two hundred bytes round it. */
const MOST_BYTES = 12_000;

/** Milliseconds until `fact`; what `GIVE_UP` says where it never comes. */
const until = async (fact: () => boolean | Promise<boolean>, from: number): Promise<number> => {
  for (;;) {
    if (await fact()) return Date.now() - from;
    if (Date.now() - from > GIVE_UP) return GIVE_UP;
    await pause(20);
  }
};

type Dropped = { readonly id: string; readonly at: number };

/** Reads so many bytes behind the head, then resets the connection. */
const drop = (url: string, key: string, mark: string, bytes: number): Promise<Dropped> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const content = promptFor({ mark, words: WORDS, paceMs: PACE_MS });
    const body = JSON.stringify({
      model: "counting",
      messages: [{ role: "user", content }],
      stream: true,
      max_tokens: WORDS,
    });
    let text = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0 || text.length < end + 4 + bytes) return;
      const id = /\r\nx-request-id: (\S+)/i.exec(text)?.[1] ?? "";
      socket.resetAndDestroy();
      resolve({ id, at: Date.now() });
    });
    socket.write(
      [
        "POST /v1/chat/completions HTTP/1.1",
        `host: ${hostname}:${port}`,
        `authorization: Bearer ${key}`,
        "content-type: application/json",
        `content-length: ${Buffer.byteLength(body)}`,
        "",
        body,
      ].join("\r\n"),
    );
  });

const settledAfter = async (lab: Lab, dropped: Dropped): Promise<number> =>
  until(async () => {
    const answer = await lab.gateway.admin("GET", `/requests/${dropped.id}`);
    await answer.body?.cancel();
    return answer.ok;
  }, dropped.at);

export const dropped = async (lab: Lab, callers: number): Promise<readonly Finding[]> => {
  const random = chanceFrom(7);
  const account = await lab.account({
    key: on([
      { unit: "concurrent", max: callers },
      { unit: "tokens", per: "day", max: 10_000_000 },
    ]),
  });
  const mark = (number: number): string => `${account.org}-${number}`;
  const one = async (number: number) => {
    const bytes = Math.floor(random() * MOST_BYTES);
    const gone = await drop(lab.gateway.url, account.key, mark(number), bytes);
    const seen = (): Served | undefined =>
      lab.upstream.served.find((served) => served.mark === mark(number));
    await until(() => seen()?.abortedAt !== undefined, gone.at);
    const aborted = (seen()?.abortedAt ?? gone.at + GIVE_UP) - gone.at;
    return { gone, aborted, settled: await settledAfter(lab, gone) };
  };
  const all = await Promise.all(Array.from({ length: callers }, (_, number) => one(number)));
  const last = Math.max(...all.map(({ gone }) => gone.at));
  const free = await until(async () => (await account.limits()).slots === 0, last);
  await quiet(account, SETTLED_WITHIN);
  const rows = await account.rows();
  const truth = lab.upstream.served
    .filter((served) => served.mark.startsWith(`${account.org}-`))
    .reduce((sum, { input, output }) => sum + input + output, 0);
  const told = rows.reduce(
    (sum, { input_tokens, output_tokens }) => sum + (input_tokens ?? 0) + (output_tokens ?? 0),
    0,
  );
  const worst = (pick: (each: (typeof all)[number]) => number): number =>
    Math.max(...all.map(pick));
  const row = (what: string, bar: number, ms: number): Finding => ({
    what: `${callers} callers hang up at a random byte: ${what}`,
    expected: `≤ ${bar} ms`,
    measured: `${ms} ms at worst`,
    ok: ms <= bar,
  });
  return [
    row(
      "the upstream is left",
      ABORTED_WITHIN,
      worst(({ aborted }) => aborted),
    ),
    row("the slots are free", FREE_WITHIN, free),
    row(
      "the use is settled",
      SETTLED_WITHIN,
      worst(({ settled }) => settled),
    ),
    {
      what: `${callers} callers hang up at a random byte: tokens in the ledger`,
      expected: "a row each, within 10 % of what the upstream has generated",
      measured: `${rows.length} rows, ${told} tokens of ${truth}`,
      ok: rows.length === callers && Math.abs(told - truth) <= truth / 10,
    },
  ];
};
