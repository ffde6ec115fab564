/**
 * Decides: how the objects of organisations are reached by the data plane, by the admin plane, and by whoever
 * changes what they rely on.
 * Never: makes an object that no request has made: where the first caller is, there it is to be.
 */
import type { Clock, Random } from "../base/clock.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Secret } from "../base/secret.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { LimitRule } from "../domain/limit.ts";
import { COUNTERS } from "../policy/limits/counters.ts";
import type { Once } from "../ports.ts";
import type { Limiter, OwnAccount } from "../ports-account.ts";
import type { Incidents } from "./incidents.ts";
import { createLimiter } from "./limiter.ts";
import type { OrganisationObject } from "./objects/organisation.ts";
import type { Change, LimitsView, OrganisationCalls } from "./objects/organisation-calls.ts";
import type { FlightBoardCalls } from "./objects/organisation-flights.ts";
import type { OnceCalls } from "./objects/organisation-once-calls.ts";
import { createOnce } from "./once.ts";
import { createReach, type Place, type Reach } from "./organisation-reach.ts";
import { createOwnAccount } from "./own-account.ts";
import type { UpstashLimits } from "./upstash-limits.ts";
import type { FreshRows } from "./usage-reads.ts";

/** For those who change keys and policies: resolves when nobody is admitted by what was true before. */
export type TellObject = (org: string, changes: readonly Change[]) => Promise<void>;

/** The same, where the organisation's alias is known and that it has an object. */
export type TellTenant = (tenant: string, changes: readonly Change[]) => Promise<void>;

export type AsNow = (met: readonly LimitRule[]) => Promise<readonly LimitRule[]>;

export type Organisations = {
  readonly limiter: Limiter;
  readonly account: OwnAccount;
  readonly once: Once;
  readonly fresh: FreshRows;
  readonly tellObject: TellObject;
  readonly tellTenant: TellTenant;
  /** For requests that share a call with those in other isolates. */
  readonly reach: Reach<FlightBoardCalls>;
  /** `asNow`: the rules to be shown for those that were met. */
  readonly limitsOf: (org: string, asNow: AsNow) => Promise<Result<LimitsView, Failure>>;
};

export type OrganisationParts = {
  readonly db: D1Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: DurableObjectNamespace<OrganisationObject>;
  readonly queue: Queue;
  readonly masterKey: Secret;
  readonly shared: UpstashLimits;
  readonly incidents: Incidents;
  /** The object knows that this request has ended; whether others elsewhere rely on its answer. */
  readonly ended: (id: string, isReliedOn: boolean) => void;
  readonly background: (work: Promise<unknown>) => void;
};

type AllCalls = OrganisationCalls & OnceCalls & FlightBoardCalls;

/** Milliseconds, for all tries. Isolates may have blocks for two seconds: whoever revokes waits for them. */
const CHANGE_WITHIN = 10_000;
const CHANGE_TRIES = 3;
const NOTHING: LimitsView = { rules: [], reservations: 0, slots: 0 };

/** The alias that a request's id carries. */
const tenantIn = (requestId: string): string | undefined =>
  /^req_([0-9a-z]{8})_/.exec(requestId)?.[1];

/** The object of that organisation; its hint counts for the first who asks. */
export const objectOf = (
  namespace: DurableObjectNamespace<OrganisationObject>,
  { tenant, locationHint }: Place,
): DurableObjectStub<OrganisationObject> =>
  namespace.get(
    namespace.idFromName(tenant),
    locationHint === undefined ? {} : { locationHint: locationHint as DurableObjectLocationHint },
  );

export const createOrganisations = (parts: OrganisationParts): Organisations => {
  const { db, clock, namespace, queue } = parts;
  const reach = createReach<AllCalls>({
    ...parts,
    // The stub's types are promises of clones; what is said is plain data either way.
    objectOf: (place) => objectOf(namespace, place) as unknown as AllCalls,
  });

  /** Where there is an object already. */
  const placeOf = async (column: "id" | "tenant", value: string): Promise<Place | undefined> => {
    const row = await db
      .prepare(`SELECT tenant FROM orgs WHERE ${column} = ? AND object_at IS NOT NULL`)
      .bind(value)
      .first<{ tenant: string }>();
    return row === null ? undefined : { tenant: row.tenant, locationHint: undefined };
  };

  const tellTenant: TellTenant = async (tenant, changes) => {
    const place = { tenant, locationHint: undefined };
    const until = clock.now() + CHANGE_WITHIN;
    let left = CHANGE_WITHIN;
    for (let tries = 0; tries < CHANGE_TRIES && left > 0; tries += 1) {
      const told = await reach(place, (object) => object.changed(changes), left);
      if (told.ok) return;
      left = until - clock.now();
    }
    // Not acknowledged then: what isolates remember of the key ends within a minute by itself.
    throw new Error("the organisation's object did not take the change");
  };

  return {
    limiter: createLimiter({
      ...parts,
      reach,
      tell: (denials) => queue.send({ kind: "denials", id: crypto.randomUUID(), denials }),
    }),
    account: createOwnAccount({ db, reach }),
    reach,
    once: createOnce({ ...parts, reach }),
    fresh: {
      async row(requestId) {
        const tenant = tenantIn(requestId);
        const place = tenant === undefined ? undefined : await placeOf("tenant", tenant);
        if (place === undefined) return undefined;
        const answer = await reach(place, (object) => object.row(requestId));
        return answer.ok ? answer.value : undefined;
      },
      async newest(org, limit, before) {
        const place = await placeOf("id", org);
        if (place === undefined) return [];
        const after = before && { at: before.at, id: before.requestId };
        const answer = await reach(place, (object) => object.newest(limit, after));
        return answer.ok ? answer.value : [];
      },
    },
    tellTenant,
    async tellObject(org, changes) {
      const place = await placeOf("id", org);
      if (place !== undefined) await tellTenant(place.tenant, changes);
    },
    async limitsOf(org, asNow) {
      const known = await db.prepare("SELECT 1 FROM orgs WHERE id = ?").bind(org).first();
      if (known === null) return err(failure("not_found"));
      const place = await placeOf("id", org);
      const seen = place === undefined ? ok(NOTHING) : await reach(place, (at) => at.limits());
      if (!seen.ok) return err(failure("limiter_unavailable", seen.error));
      const rules = await asNow(seen.value.rules.map(({ rule }) => rule));
      const met = new Map(seen.value.rules.map((view) => [view.rule.id, view]));
      // What an id leaves open of how a rule stands. Of thousands of rules few were edited.
      const edited = rules.filter(({ id, max, burst }) => {
        const before = met.get(id)?.rule;
        return before?.max !== max || before.burst !== burst;
      });
      const asked = place && (await reach(place, (at) => at.standings(edited)));
      if (asked?.ok === false) return err(failure("limiter_unavailable", asked.error));
      const standings = new Map(edited.map(({ id }, index) => [id, asked?.value[index]]));
      const untouched = (rule: LimitRule) =>
        COUNTERS[rule.kind].standing(undefined, rule, clock.now());
      const shown = rules.map((rule) => ({
        ...(standings.get(rule.id) ?? met.get(rule.id) ?? untouched(rule)),
        rule,
      }));
      return ok({ ...seen.value, rules: shown });
    },
  };
};
