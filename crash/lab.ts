/**
 * Decides: what is played: load on two organisations – one admitted one by one, one out of leased blocks – while
 * workerd is killed again and again; then a wait until what the last crash left has expired.
 * Never: judges, and never clears the storage between two starts.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type Account, makeAccount, on, quiet } from "../storm/account.ts";
import { configFor } from "../storm/lab.ts";
import { openSockets } from "../storm/sockets.ts";
import { startCountingUpstream } from "../test/support/counting-upstream.ts";
import { startGateway } from "../test/support/gateway.ts";
import { type Callers, DEADLINE_MS, startCallers } from "./callers.ts";
import { judge, type Truth } from "./judge.ts";
import { answersAgain, killWorkerd } from "./process.ts";

/** Milliseconds. A hold expires a minute after its request's deadline. */
const EXPIRY_MS = DEADLINE_MS + 60_000;
const SLACK_MS = 25_000;
const BETWEEN_KILLS_MS = 2_000;
/** Callers of each organisation. */
const CALLERS = 16;

const LIMITS = [
  { unit: "requests", per: "day", max: 1_000_000 },
  { unit: "tokens", per: "day", max: 1_000_000_000 },
  { unit: "usd", per: "day", max: 10_000 },
  { unit: "concurrent", max: 10_000 },
];

export type Outcome = {
  readonly name: string;
  readonly truth: Truth;
  readonly asked: number;
  readonly statuses: ReadonlyMap<number, number>;
  /** Nothing is held and no slot is taken, within the lease of what the last crash has left. */
  readonly isQuiet: boolean;
};

/** The organisation without blocks, then the one with them. */
export const crash = async (
  kills: number,
  onKill: (count: number) => void = () => {},
): Promise<readonly Outcome[]> => {
  const [upstream, gateway] = await Promise.all([
    startCountingUpstream(),
    startGateway({ secrets: { OPENAI_API_KEY: "sk-crash" } }),
  ]);
  const sockets = openSockets(gateway.url, 1);
  try {
    await gateway.putConfig(configFor(upstream));
    // A limit of single targets is asked request by request.
    const apart = LIMITS.map((rule) => ({ ...rule, when: { models: ["*"] } }));
    const sides = [
      ["one-by-one", await makeAccount(gateway, sockets, { key: on(apart) })],
      ["blocks", await makeAccount(gateway, sockets, { key: on(LIMITS) })],
    ] as const;
    const load = sides.map(([name, account]): [string, Account, Callers] => [
      name,
      account,
      startCallers(gateway.url, account.key, name, CALLERS),
    ]);
    for (let kill = 1; kill <= kills; kill += 1) {
      await pause(BETWEEN_KILLS_MS * (0.5 + Math.random()));
      killWorkerd();
      onKill(kill);
      await answersAgain(gateway.url);
    }
    await pause(BETWEEN_KILLS_MS);
    await Promise.all(load.map(([, , callers]) => callers.stop()));
    return await Promise.all(
      load.map(async ([name, account, callers]) => {
        const isQuiet = await quiet(account, EXPIRY_MS + SLACK_MS);
        const { slots, rules } = await account.limits();
        const served = upstream.served.filter(({ mark }) => mark.startsWith(`${name}-`));
        return {
          name,
          truth: judge(served, await account.rows()),
          asked: callers.asked(),
          statuses: callers.statuses(),
          isQuiet: isQuiet && slots === 0 && rules.every(({ held }) => held === 0),
        };
      }),
    );
  } finally {
    sockets.close();
    await Promise.all([gateway.dispose(), upstream.dispose()]);
  }
};
