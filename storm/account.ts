/**
 * Decides: how a check gets an organisation of its own, with policies at each level, one key below all of them,
 * and a view of what stands in its account.
 * Never: shares an organisation between two checks.
 */
import type { Gateway } from "../test/support/gateway.ts";
import type { Answer, Sockets } from "./sockets.ts";

export const LEVELS = ["org", "team", "user", "key"] as const;
export type Level = (typeof LEVELS)[number];

/** The policy of each level; an absent one has none. */
export type Policies = Readonly<Partial<Record<Level, object>>>;

/** In the unit; USD for usd. */
export type ShownRule = {
  readonly level: string;
  readonly unit: string;
  readonly max: number;
  readonly used: number;
  readonly held: number;
};
export type ShownLimits = {
  readonly rules: readonly ShownRule[];
  readonly reservations: number;
  readonly slots: number;
};

/** What a check reads of a ledger's row. */
export type ShownRow = {
  readonly request_id: string;
  readonly client_request_id: string | null;
  readonly status: number;
  readonly error_code: string | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_usd: number | null;
  readonly estimated: boolean;
};

export type Account = {
  readonly org: string;
  readonly keyId: string;
  readonly key: string;
  ask(body: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  limits(): Promise<ShownLimits>;
  /** All rows, the newest first. */
  rows(): Promise<readonly ShownRow[]>;
  revoke(): Promise<void>;
  /** Another key at the same place, with the same policy of its own. */
  sibling(): Promise<Account>;
};

/** Rules of one level, in force. */
export const on = (rules: readonly object[], more: object = {}): object => ({
  limits: { mode: "on", ...more, rules },
});

const PAGE = 100;
let made = 0;

export const makeAccount = async (
  gateway: Gateway,
  sockets: Sockets,
  policies: Policies = {},
): Promise<Account> => {
  made += 1;
  const org = `storm${made}`;
  const place = (level: Level): object => {
    const policy = policies[level];
    return policy === undefined ? {} : { policy };
  };
  await gateway.adminJson("POST", "/orgs", { id: org, ...place("org") });
  await gateway.adminJson("POST", `/orgs/${org}/teams`, { id: "team", ...place("team") });
  await gateway.adminJson("POST", `/orgs/${org}/users`, { id: "user", ...place("user") });
  const below = { org, team: "team", user: "user" };
  const makeOne = async (): Promise<Account> => {
    const { id, key } = await gateway.adminJson("POST", "/keys", { ...below, ...place("key") });
    const account = { org, key: String(key), keyId: String(id) };
    return {
      ...account,
      ask: (body, headers = {}) => sockets.post("/v1/chat/completions", account.key, body, headers),
      limits: async () => (await gateway.adminJson("GET", `/limits/${org}`)) as ShownLimits,
      rows: () => allRows(gateway, org),
      revoke: async () => {
        const answer = await gateway.admin("DELETE", `/keys/${account.keyId}`);
        if (!answer.ok) throw new Error(`the key was not revoked: ${answer.status}`);
      },
      sibling: makeOne,
    };
  };
  return makeOne();
};

const allRows = async (gateway: Gateway, org: string): Promise<readonly ShownRow[]> => {
  const rows: ShownRow[] = [];
  for (let cursor = ""; ; ) {
    const page = await gateway.adminJson("GET", `/requests?org=${org}&limit=${PAGE}${cursor}`);
    rows.push(...(page["data"] as ShownRow[]));
    if (page["next_cursor"] === null) return rows;
    cursor = `&cursor=${page["next_cursor"]}`;
  }
};

/** Until nothing is in flight any more; false where that takes too long. Milliseconds. */
export const quiet = async (account: Account, withinMs: number): Promise<boolean> => {
  const giveUp = Date.now() + withinMs;
  for (;;) {
    if ((await account.limits()).reservations === 0) return true;
    if (Date.now() > giveUp) return false;
    await new Promise((done) => setTimeout(done, 50));
  }
};
