/**
 * Decides: what callers do while the gateway is killed and started again: ask, some for streams, some of them
 * leaving before the end, each with a mark that stands both in the prompt and in the ledger.
 * Never: asks twice under one mark.
 */
import { promptFor } from "../test/support/counting-upstream.ts";

/** Milliseconds: a request is over after that long, so that what a crash leaves is charged a minute later. */
export const DEADLINE_MS = 5_000;
const MOST_WORDS = 40;
const MOST_PACE_MS = 60;
/** Of the callers of streams, those who leave before the end; and when, at the latest. */
const LEAVING = 0.3;
const LEAVE_WITHIN_MS = 1_500;
/** After a connection that could not be had. */
const REST_MS = 100;

export type Callers = {
  /** How many requests were made. */
  asked(): number;
  /** Answers by their status; 0 where none came. */
  statuses(): ReadonlyMap<number, number>;
  stop(): Promise<void>;
};

const once = async (url: string, key: string, mark: string): Promise<number> => {
  const stream = Math.random() < 0.7;
  const words = 1 + Math.floor(Math.random() * MOST_WORDS);
  const paceMs = Math.floor(Math.random() * MOST_PACE_MS);
  const leaves = stream && Math.random() < LEAVING;
  const patience = leaves ? Math.ceil(Math.random() * LEAVE_WITHIN_MS) : 2 * DEADLINE_MS;
  try {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        "x-request-id": mark,
        "x-headgate-timeout": String(DEADLINE_MS),
      },
      body: JSON.stringify({
        model: "counting",
        messages: [{ role: "user", content: promptFor({ mark, words, paceMs }) }],
        stream,
        max_tokens: MOST_WORDS,
      }),
      signal: AbortSignal.timeout(patience),
    });
    await answer.text();
    return answer.status;
  } catch {
    return 0;
  }
};

export const startCallers = (url: string, key: string, name: string, count: number): Callers => {
  const statuses = new Map<number, number>();
  let asked = 0;
  let isOver = false;
  const caller = async (): Promise<void> => {
    while (!isOver) {
      asked += 1;
      const status = await once(url, key, `${name}-${asked}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status !== 200) await new Promise((done) => setTimeout(done, REST_MS));
    }
  };
  const all = Promise.all(Array.from({ length: count }, caller));
  return {
    asked: () => asked,
    statuses: () => statuses,
    async stop() {
      isOver = true;
      await all;
    },
  };
};
