/**
 * Decides: what is measured at twice the load that the gateway bears: how much still comes through, and whether
 * the gateway can still be asked how it is.
 * Never: waits for an answer before it asks again; that is what makes it a storm.
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Finding, Lab } from "./lab.ts";
import { openSockets } from "./sockets.ts";

const BODY = { model: "demo", messages: [{ role: "user", content: "hi" }], max_tokens: 4 };
const PEAK_MS = 3_000;
const STORM_MS = 4_000;
const TICK_MS = 10;
const HEALTH_EVERY_MS = 100;
const HEALTH_WITHIN_MS = 2_000;
/** A caller who waits longer has gone. Milliseconds. */
const PATIENCE_MS = 5_000;
const CALLERS = 64;
/** Open connections; requests beyond them wait in the caller. */
const CONNECTIONS = 400;

/** Answers a second of callers who wait for each of them. */
const peakOf = async (ask: () => Promise<{ readonly status: number }>): Promise<number> => {
  const end = Date.now() + PEAK_MS;
  let answered = 0;
  const caller = async (): Promise<void> => {
    while (Date.now() < end) if ((await ask()).status === 200) answered += 1;
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (1_000 * answered) / PEAK_MS;
};

const healthDuring = async (url: string, isOver: () => boolean) => {
  let asked = 0;
  let well = 0;
  while (!isOver()) {
    asked += 1;
    const signal = AbortSignal.timeout(HEALTH_WITHIN_MS);
    const isWell = await fetch(`${url}/healthz`, { signal }).then(
      async (answer) => (await answer.text()) !== "" && answer.ok,
      () => false,
    );
    if (isWell) well += 1;
    await pause(HEALTH_EVERY_MS);
  }
  return { asked, well };
};

/** Figures only: the callers share the machine with the gateway. */
export const overload = async (lab: Lab): Promise<readonly Finding[]> => {
  const account = await lab.account();
  const sockets = openSockets(lab.gateway.url, CONNECTIONS);
  const ask = () => sockets.post("/v1/chat/completions", account.key, BODY, {});
  await peakOf(ask);
  const peak = await peakOf(ask);
  const begun = Date.now();
  let sent = 0;
  let inTime = 0;
  let late = 0;
  const open: Promise<void>[] = [];
  let isOver = false;
  const health = healthDuring(lab.gateway.url, () => isOver);
  while (Date.now() - begun < STORM_MS) {
    const due = Math.floor((2 * peak * (Date.now() - begun)) / 1_000);
    for (; sent < due; sent += 1) {
      const at = Date.now();
      const heard = async (): Promise<void> => {
        const { status, endedAt } = await ask();
        if (status !== 200) return;
        if (endedAt - at <= PATIENCE_MS) inTime += 1;
        else late += 1;
      };
      open.push(heard());
    }
    await pause(TICK_MS);
  }
  await Promise.all(open);
  const seconds = (Date.now() - begun) / 1_000;
  isOver = true;
  const { asked, well } = await health;
  sockets.close();
  const goodput = inTime / seconds;
  return [
    {
      what: `open loop at twice the peak of ${Math.round(peak)} a second, for ${STORM_MS / 1_000} s`,
      expected: "told, not judged",
      measured: `${sent} sent, ${inTime} answered in ${PATIENCE_MS / 1_000} s, ${late} later: ${Math.round((100 * goodput) / peak)} % of the peak`,
      ok: undefined,
    },
    {
      what: "meanwhile: is the gateway well?",
      expected: "told, not judged",
      measured: `${well} of ${asked} asked within ${HEALTH_WITHIN_MS / 1_000} s`,
      ok: undefined,
    },
  ];
};
