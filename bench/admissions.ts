/**
 * Decides: how many admissions a second one organisation's object bears, with limits at four levels and a budget,
 * and how often requests of a busy key still ask it.
 * Never: measures beside other load: it runs as a process of its own, once, and answers through IPC.
 */

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { type Gateway, startGateway } from "../test/support/gateway.ts";
import { keyBelowAll } from "./four-levels.ts";
import { pin } from "./process.ts";

export type Admissions = {
  /** A second, asked directly, so many at once. */
  readonly admitted: number;
  /** The same with the end of each. */
  readonly admittedAndEnded: number;
  /** Calls that a request waits for, over all that were sent at steady state. */
  readonly waitedFor: number;
  /** All calls to objects of organisations, a thousand requests. */
  readonly callsAThousand: number;
  /** Rows in the ledger over requests that were sent through the gateway: 1. */
  readonly rowsARequest: number;
};

const COUNT = 4_000;
const WIDTH = 64;
const CALLERS = 16;
const WARM_MS = 3_000;
const STEADY_MS = 5_000;
const PAGE = 100;
const PROJECT = join(import.meta.dirname, "..");

const BODY = { model: "demo", messages: [{ role: "user", content: "hi" }], max_tokens: 4 };

/** The deployable Worker behind the counting door (counting/index.ts). */
const startCounting = async (): Promise<Gateway> => {
  const folder = await mkdtemp(join(tmpdir(), "headgate-counting-"));
  const args = ["deploy", "bench/counting/index.ts", "--dry-run", "--outdir", folder];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
  await promisify(execFile)(join(PROJECT, "node_modules/.bin/wrangler"), args, {
    cwd: PROJECT,
    env,
  });
  process.env["HEADGATE_BUNDLE"] = folder;
  try {
    return await startGateway();
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** One model, priced, without an upstream. */
const CONFIGURATION = {
  providers: { demo: { kind: "demo" } },
  models: {
    demo: {
      provider: "demo",
      price: { input: 1, output: 2 },
      context: 100_000,
      max_output: 4_096,
    },
  },
};

/** Rows of the gateway's own requests; those that were asked for directly have other ids. */
const rowsOf = async (gateway: Gateway): Promise<number> => {
  let rows = 0;
  for (let cursor = ""; ; ) {
    const page = await gateway.adminJson("GET", `/requests?org=bench&limit=${PAGE}${cursor}`);
    rows += (page["data"] as unknown[]).length;
    if (page["next_cursor"] === null) return rows;
    cursor = `&cursor=${page["next_cursor"]}`;
  }
};

const measure = async (gateway: Gateway): Promise<Admissions> => {
  await gateway.putConfig(CONFIGURATION);
  const key = await keyBelowAll(gateway);
  let sent = 0;
  const ask = async (): Promise<void> => {
    sent += 1;
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(BODY),
    });
    await answer.text();
    if (answer.status !== 200) throw new Error(`a request was answered with ${answer.status}`);
  };
  const during = async (ms: number): Promise<void> => {
    const end = Date.now() + ms;
    const caller = async (): Promise<void> => {
      while (Date.now() < end) await ask();
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  };
  const calls = async (): Promise<Record<string, number>> => {
    const answer = await fetch(`${gateway.url}/bench/calls`);
    return (await answer.json()) as Record<string, number>;
  };

  await during(WARM_MS);
  await calls();
  const before = sent;
  await during(STEADY_MS);
  const counted = await calls();
  const steady = sent - before;
  const waitedFor = (counted["admit"] ?? 0) + (counted["extend"] ?? 0);
  const all = Object.values(counted).reduce((sum, count) => sum + count, 0);
  // The last ends are on their way, and blocks on their way back.
  await pause(WARM_MS);
  const rowsARequest = (await rowsOf(gateway)) / sent;

  const directly = async (ending: string): Promise<number> => {
    const begun = performance.now();
    const path = `/bench/admissions?count=${COUNT}&width=${WIDTH}${ending}`;
    const answer = await fetch(`${gateway.url}${path}`);
    const { admitted } = (await answer.json()) as { readonly admitted: number };
    if (admitted !== COUNT) throw new Error(`${admitted} of ${COUNT} were admitted`);
    return (1_000 * COUNT) / (performance.now() - begun);
  };
  await directly("");
  return {
    admitted: await directly(""),
    admittedAndEnded: await directly("&ending"),
    waitedFor: waitedFor / steady,
    callsAThousand: (1_000 * all) / steady,
    rowsARequest,
  };
};

const gateway = await startCounting();
try {
  pin(gateway.pid, "measured");
  process.send?.(await measure(gateway));
} finally {
  await gateway.dispose();
}
process.disconnect?.();
