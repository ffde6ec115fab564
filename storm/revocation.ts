/**
 * Decides: whether a key is admitted after its revocation was acknowledged, while all connections ask with it,
 * out of blocks that isolates hold or one by one.
 * Never: counts an answer whose request had begun before.
 */
import { setTimeout as pause } from "node:timers/promises";
import { on } from "./account.ts";
import type { Finding, Lab } from "./lab.ts";
import { sampled } from "./sampler.ts";
import type { Answer } from "./sockets.ts";

const BODY = { model: "demo", messages: [{ role: "user", content: "hi" }], max_tokens: 4 };
const LOAD_MS = 1_500;
const AFTER_MS = 1_500;

/** `leased`: the limit leaves room for blocks; else it is of single targets, which are asked one by one. */
export const revoked = async (
  lab: Lab,
  leased: boolean,
  loadMs = LOAD_MS,
  afterMs = AFTER_MS,
): Promise<Finding> => {
  const rule = { unit: "requests", per: "day", max: 1_000_000 };
  const account = await lab.account({
    key: on([leased ? rule : { ...rule, when: { models: ["*"] } }]),
  });
  let isOver = false;
  const answers: Answer[] = [];
  const caller = async (): Promise<void> => {
    while (!isOver) answers.push(await account.ask(BODY));
  };
  const load = Promise.all(Array.from({ length: lab.width }, caller));
  const { samples } = await sampled(account, pause(loadMs));
  const askedAt = Date.now();
  await account.revoke();
  const toldAt = Date.now();
  await pause(afterMs);
  isOver = true;
  await load;
  const before = answers.filter(({ status, begunAt }) => status === 200 && begunAt <= toldAt);
  const late = answers.filter(({ status, begunAt }) => status === 200 && begunAt > toldAt);
  const turnedAway = answers.filter(({ status, begunAt }) => status === 401 && begunAt > toldAt);
  // More in flight than there are connections: blocks.
  const hasBlocks = samples.worst * rule.max > lab.width;
  return {
    what: `a key revoked under the load of ${lab.width} callers, ${leased ? "blocks allowed" : "one by one"}`,
    expected: "0 admitted afterwards",
    measured: `${late.length} admitted and ${turnedAway.length} refused after ${toldAt - askedAt} ms, ${before.length} admitted before${leased ? `, blocks ${hasBlocks ? "held" : "not seen"}` : ""}`,
    ok: late.length === 0 && turnedAway.length > 0 && before.length > 0,
  };
};
