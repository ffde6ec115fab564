/**
 * Decides: how a test sees what a request came to: its row in the ledger, and that nothing is held any more.
 * Never: looks anywhere but where a caller and an operator look.
 */
import { expect } from "vitest";
import type { Gateway } from "./gateway.ts";

/** Money, tokens and slots are counted, and nobody ever meets their end. */
const COUNTED = {
  limits: {
    mode: "on",
    rules: [
      { unit: "usd", per: "day", max: 1_000 },
      { unit: "tokens", per: "hour", max: 1_000_000_000 },
      { unit: "concurrent", max: 10_000 },
    ],
  },
};

/** A key of the organisation, with that policy at every level above it and at its own. */
export const makeCountedKey = async (
  gateway: Gateway,
  org: string,
  policy: unknown = COUNTED,
): Promise<string> => {
  await gateway.makeOrg(org, policy);
  await gateway.adminJson("POST", `/orgs/${org}/teams`, { id: "team", name: "team", policy });
  await gateway.adminJson("POST", `/orgs/${org}/users`, { id: "user", name: "user", policy });
  return gateway.makeKey(org, { team: "team", user: "user", policy });
};

const WITHIN_MS = 5_000;
const EVERY_MS = 25;

const polled = async <T>(ask: () => Promise<T | undefined>): Promise<T | undefined> => {
  const giveUp = Date.now() + WITHIN_MS;
  for (;;) {
    const found = await ask();
    if (found !== undefined || Date.now() > giveUp) return found;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
};

export type Row = Readonly<Record<string, unknown>> & {
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
};

/** The request's row, as its caller sees it, within five seconds. */
export const rowOf = async (
  { gateway, key }: { readonly gateway: Gateway; readonly key: string },
  requestId: string | null,
): Promise<Row> => {
  const row = await polled(async () => {
    const answer = await fetch(`${gateway.url}/v1/requests/${requestId}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const body = await answer.json();
    return answer.ok ? (body as Row) : undefined;
  });
  if (row === undefined) throw new Error(`no row of ${requestId} within ${WITHIN_MS} ms`);
  return row;
};

export type Standing = {
  readonly rules: readonly {
    readonly level: string;
    readonly unit: string;
    readonly used: number;
    readonly held: number;
  }[];
  readonly reservations: number;
  readonly slots: number;
};

export const limitsOf = async (
  gateway: Pick<Gateway, "adminJson">,
  org: string,
): Promise<Standing> => (await gateway.adminJson("GET", `/limits/${org}`)) as unknown as Standing;

const isAtRest = ({ rules, reservations, slots }: Standing): boolean =>
  reservations === 0 && slots === 0 && rules.every(({ held }) => held === 0);

/** Holds once nothing of the organisation is held, which is at most five seconds later. */
export const expectAtRest = async (
  gateway: Pick<Gateway, "adminJson">,
  org: string,
): Promise<Standing> => {
  let last: Standing | undefined;
  await polled(async () => {
    last = await limitsOf(gateway, org);
    return isAtRest(last) || undefined;
  });
  expect(last).toMatchObject({ reservations: 0, slots: 0 });
  expect(last?.rules.filter(({ held }) => held !== 0)).toEqual([]);
  if (last === undefined) throw new Error("no limits");
  return last;
};

/** What all levels say was used, unit by unit; throws where they disagree. */
export const usedOf = ({ rules }: Standing): Readonly<Record<string, number>> => {
  const used: Record<string, number> = {};
  for (const { unit, used: amount } of rules) {
    if (used[unit] !== undefined) expect(amount).toBeCloseTo(used[unit], 9);
    used[unit] = amount;
  }
  return used;
};
