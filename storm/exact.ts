/**
 * Decides: whether a limit admits exactly its maximum when more callers than that ask at once, whatever it
 * counts and at whatever level it stands.
 * Never: gives a request a cost that is not known to the last token before.
 */
import { setTimeout as pause } from "node:timers/promises";
import { promptFor } from "../test/support/counting-upstream.ts";
import { type Account, type Level, on, quiet } from "./account.ts";
import type { Finding, Lab } from "./lab.ts";

/** Three words in, four out: seven tokens, eleven millionths of a dollar. */
const BODY = { model: "demo", messages: [{ role: "user", content: "a b c" }], max_tokens: 4 };
const TOKENS = 7;
const USD = 0.000_011;

/** Blocks that were leased come back within their life of two seconds, and a little. */
const BLOCKS_BACK_MS = 6_000;
const GATE_MS = 20_000;

/** What `count` requests take, as a rule's maximum. */
export const KINDS = {
  "requests a day": (count: number) => ({ unit: "requests", per: "day", max: count }),
  "requests an hour, sliding": (count: number) => ({
    unit: "requests",
    per: "hour",
    kind: "sliding",
    max: count,
  }),
  "tokens a day": (count: number) => ({ unit: "tokens", per: "day", max: count * TOKENS }),
  "tokens an hour": (count: number) => ({ unit: "tokens", per: "hour", max: count * TOKENS }),
  "dollars a day": (count: number) => ({
    unit: "usd",
    per: "day",
    max: Number((count * USD).toFixed(9)),
  }),
} as const;
export type Kind = keyof typeof KINDS;

/** A limit of single targets is asked request by request: no isolate is given a block of it. */
const ONE_BY_ONE = { when: { models: ["*"] } };

const wave = async (account: Account, count: number): Promise<number> => {
  const answers = await Promise.all(Array.from({ length: count }, () => account.ask(BODY)));
  return answers.filter(({ status }) => status === 200).length;
};

/** `leased`: isolates may hold blocks, so that the last few are admitted only once those are back. */
export const exactly = async (
  lab: Lab,
  level: Level,
  kind: Kind,
  max: number,
  calls: number,
  leased: boolean,
): Promise<Finding> => {
  const rule = { ...KINDS[kind](max), ...(leased ? {} : ONE_BY_ONE) };
  const account = await lab.account({ [level]: on([rule]) });
  let admitted = await wave(account, calls);
  const first = admitted;
  if (leased) {
    await quiet(account, BLOCKS_BACK_MS);
    admitted += await wave(account, calls);
  }
  await quiet(account, BLOCKS_BACK_MS);
  const { rules } = await account.limits();
  const isSpent = rules.every(({ used, held, max: most }) => held === 0 && used <= most);
  return {
    what: `${max} ${kind} at ${level}, ${calls} callers, ${leased ? "blocks allowed" : "one by one"}`,
    expected: `${max} admitted`,
    measured: `${admitted} admitted${leased ? `, ${first} of them at once` : ""}${isSpent ? "" : "; the account disagrees"}`,
    ok: admitted === max && isSpent,
  };
};

/** All who are admitted wait at the upstream until everybody else has been refused. */
export const slotsExactly = async (
  lab: Lab,
  level: Level,
  max: number,
  calls: number,
  leased: boolean,
): Promise<Finding> => {
  const rule = { unit: "concurrent", max, ...(leased ? {} : ONE_BY_ONE) };
  const account = await lab.account({ [level]: on([rule]) });
  const gate = `slots-of-${account.org}`;
  let refused = 0;
  const asked = Array.from({ length: calls }, async (_, index) => {
    const content = promptFor({ mark: `${gate}-${index}`, words: 3, gate });
    const body = { model: "counting", messages: [{ role: "user", content }], max_tokens: 3 };
    const answer = await account.ask(body);
    if (answer.status !== 200) refused += 1;
    return answer;
  });
  const giveUp = Date.now() + GATE_MS;
  while (refused + lab.upstream.at(gate).now < calls && Date.now() < giveUp) await pause(20);
  lab.upstream.open(gate);
  const answers = await Promise.all(asked);
  const admitted = answers.filter(({ status }) => status === 200).length;
  const { most } = lab.upstream.at(gate);
  const isFree = await quiet(account, BLOCKS_BACK_MS);
  const isExact = leased ? most <= max && most > 0 : most === max;
  return {
    what: `${max} slots at ${level}, ${calls} callers, ${leased ? "blocks allowed" : "one by one"}`,
    expected: `${leased ? "at most " : ""}${max} at once, none left afterwards`,
    measured: `${most} at once, ${isFree ? "none" : "some"} left`,
    ok: isExact && admitted === most && isFree,
  };
};
