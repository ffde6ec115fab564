/**
 * Decides: how a test gets an organisation with a key in the database, and speaks to its object.
 * Never: fakes the object: it is the real one, in workerd.
 */
import { env } from "cloudflare:workers";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import type { Cost, LimitRule } from "../../src/domain/limit.ts";
import type { OrganisationObject } from "../../src/platform/objects/organisation.ts";
import type {
  AdmitCall,
  EndCall,
  Principal,
} from "../../src/platform/objects/organisation-calls.ts";
import type { Pruning } from "../../src/platform/objects/organisation-prune.ts";
import { ruleOf as plainRule } from "../policy/limits/rule.ts";
import { begunRow } from "../support/ledger-rows.ts";
import { migrated } from "./tenants-database.ts";

let made = 0;

export type World = {
  readonly principal: Principal;
  readonly object: DurableObjectStub<OrganisationObject>;
  readonly db: D1Database;
  call(id: string, rules: readonly LimitRule[], cost?: Partial<Cost>, deadline?: number): AdmitCall;
  end(id: string, tokens: number, nanoUsd?: number): EndCall;
};

const COST: Cost = { requests: 1, tokens: 0, nanoUsd: 0, slots: 1 };

export const rowOf = (id: string, more: Partial<LedgerRow> = {}): LedgerRow =>
  begunRow(id, { at: Date.now(), key: "key00000", ...more });

/** Ten an hour; two that differ in what they count have two names. */
export const ruleOf = (more: Partial<LimitRule>): LimitRule =>
  plainRule({
    id: `r${JSON.stringify([more.level, more.unit, more.kind, more.per, more.subject])}`,
    ...{ subject: "key", per: "hour", max: 10, burst: more.max ?? 10 },
    ...more,
  });

/** The next alarm takes what is old, as if a day had passed since the last one that did. */
export const pruneAgain = (instance: OrganisationObject): void => {
  const { pruning } = instance as unknown as { readonly pruning: Pruning };
  pruning.doneAt = 0;
};

export const newWorld = async (): Promise<World> => {
  const db = await migrated();
  made += 1;
  const org = `org${made}`;
  const tenant = `ten${String(made).padStart(5, "0")}`;
  const key = `key${String(made).padStart(5, "0")}`;
  await db.batch([
    db
      .prepare(
        "INSERT INTO orgs (id, tenant, name, policy, created_at) VALUES (?, ?, '', '{}', 0) ON CONFLICT DO NOTHING",
      )
      .bind(org, tenant),
    db
      .prepare(
        `INSERT INTO keys (id, org, tags, scopes, policy, created_at, digest, pepper, last4, lineage)
         VALUES (?1, ?2, '{}', '[]', '{}', 0, '', '', '', ?1) ON CONFLICT DO NOTHING`,
      )
      .bind(key, org),
  ]);
  const principal: Principal = {
    org,
    tenant,
    key,
    lineage: key,
    team: undefined,
    user: undefined,
    expiresAt: undefined,
    revisions: { key: 1, org: 1 },
  };
  return {
    principal,
    db,
    object: env.ORGANISATION.getByName(tenant),
    call: (id, rules, cost = {}, deadline = Date.now() + 60_000) => ({
      principal,
      admission: {
        id,
        rules,
        ways: [
          {
            from: 0,
            options: [
              {
                model: "m",
                cost: { ...COST, ...cost },
                floor: { tokens: cost.tokens ?? 0, nanoUsd: cost.nanoUsd ?? 0 },
              },
            ],
          },
        ],
        deadline,
      },
      facts: JSON.stringify(rowOf(id)),
    }),
    end: (id, tokens, nanoUsd = 0) => {
      const total = { tokens, nanoUsd };
      return {
        id,
        lineage: key,
        drawn: undefined,
        actual: { total, byModel: { m: total } },
        row: rowOf(id, { output_tokens: tokens, cost_nano_usd: nanoUsd }),
      };
    },
  };
};
