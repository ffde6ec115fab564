/**
 * Decides: whether a key is admitted after its revocation was acknowledged, while all connections ask with it or with
 * it and another, out of blocks that isolates hold or one by one.
 * Never: counts an answer whose request had begun before.
 */
import { setTimeout as pause } from "node:timers/promises";
import { on, type Policies } from "./account.ts";
import type { Finding, Lab } from "./lab.ts";
import { sampled } from "./sampler.ts";
import type { Answer } from "./sockets.ts";

const BODY = { model: "demo", messages: [{ role: "user", content: "hi" }], max_tokens: 4 };
const LOAD_MS = 1_500;
const AFTER_MS = 1_500;

/**
 * Where the requests come from. Of a block: the limit leaves room for it, and is the key's own; of one that another
 * key asks for as well: the limit is the organisation's. One by one: limits of single targets leave no other way.
 */
export const WAYS = {
  block: "blocks allowed",
  shared: "blocks shared with another key",
  single: "one by one",
} as const;
export type Way = keyof typeof WAYS;

const RULE = { unit: "requests", per: "day", max: 1_000_000 };
const policiesFor = (way: Way): Policies => {
  if (way === "shared") return { org: on([RULE]) };
  return { key: on([way === "block" ? RULE : { ...RULE, when: { models: ["*"] } }]) };
};

export const revoked = async (
  lab: Lab,
  way: Way,
  loadMs = LOAD_MS,
  afterMs = AFTER_MS,
): Promise<Finding> => {
  const account = await lab.account(policiesFor(way));
  const other = way === "shared" ? await account.sibling() : undefined;
  let isOver = false;
  const answers: Answer[] = [];
  const others: Answer[] = [];
  const caller = async (_: unknown, at: number): Promise<void> => {
    const [whose, into] =
      other !== undefined && at % 2 === 1 ? [other, others] : [account, answers];
    while (!isOver) into.push(await whose.ask(BODY));
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
  const hasBlocks = samples.worst * RULE.max > lab.width;
  // The other key goes on as if nothing had been.
  const disturbed = others.filter(({ status }) => status !== 200);
  const isServed = other === undefined || others.some(({ begunAt }) => begunAt > toldAt);
  const blocks = way === "single" ? "" : `, blocks ${hasBlocks ? "held" : "not seen"}`;
  const ofOthers = other === undefined ? "" : `, of the other key ${disturbed.length} refused`;
  return {
    what: `a key revoked under the load of ${lab.width} callers, ${WAYS[way]}`,
    expected: "0 admitted afterwards",
    measured: `${late.length} admitted and ${turnedAway.length} refused after ${toldAt - askedAt} ms, ${before.length} admitted before${blocks}${ofOthers}`,
    ok:
      late.length === 0 &&
      turnedAway.length > 0 &&
      before.length > 0 &&
      disturbed.length === 0 &&
      isServed,
  };
};
