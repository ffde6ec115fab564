import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { newWorld, ruleOf } from "./organisation-world.ts";

describe("an organisation's object", () => {
  it("admits exactly the maximum of many at once, at every level", async () => {
    const { object, call } = await newWorld();
    const rules = [
      ruleOf({ level: "key", max: 50 }),
      ruleOf({ level: "team", max: 37 }),
      ruleOf({ level: "org", max: 60, kind: "calendar", per: "day" }),
    ];
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => object.admit(call(`r${at}`, rules), [])),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(37);
    const { rules: views } = await object.limits();
    expect(views.map(({ rule, remaining }) => [rule.level, remaining])).toEqual(
      expect.arrayContaining([
        ["key", 13],
        ["team", 0],
        ["org", 23],
      ]),
    );
  });

  it("answers the same id the same, and counts it once", async () => {
    const { object, call } = await newWorld();
    const rules = [ruleOf({ max: 5 })];
    const first = await object.admit(call("a", rules), []);
    expect(await object.admit(call("a", rules), [])).toEqual(first);
    expect((await object.limits()).rules[0]?.remaining).toBe(4);
  });

  it("puts what was used in the place of what was held, also after an eviction", async () => {
    const { object, call, end, principal } = await newWorld();
    const rules = [
      ruleOf({ unit: "tokens", kind: "sliding", max: 1_000 }),
      ruleOf({ unit: "usd", kind: "calendar", per: "month", max: 1_000_000 }),
      ruleOf({ unit: "concurrent", kind: "slots", per: undefined, max: 2 }),
    ];
    await object.admit(call("a", rules, { tokens: 400, nanoUsd: 300_000 }), []);
    await evictDurableObject(object);
    await object.end([end("a", 120, 90_000)]);
    await object.end([end("a", 120, 90_000)]);
    const view = await object.limits();
    expect(view).toMatchObject({ reservations: 0, slots: 0 });
    expect(
      Object.fromEntries(view.rules.map(({ rule, used, held }) => [rule.unit, [used, held]])),
    ).toEqual({ tokens: [120, 0], usd: [90_000, 0], concurrent: [0, 0] });
    expect(await object.row("a")).toMatchObject({ output_tokens: 120, version: 2 });
    expect(await object.spend(principal.lineage)).toEqual({ today: 90_000, month: 90_000 });
  });

  it("charges the input of a request whose end nobody tells, and takes the real end later", async () => {
    const { object, call, end } = await newWorld();
    const rules = [ruleOf({ unit: "tokens", kind: "sliding", per: "hour", max: 1_000 })];
    await object.admit(call("a", rules, { tokens: 400 }, Date.now() - 120_000), []);
    await runDurableObjectAlarm(object);
    const charged = (await object.limits()).rules[0];
    expect([charged?.used, charged?.held]).toEqual([400, 0]);
    expect(await object.row("a")).toMatchObject({ status: 500, estimated: true, version: 1 });
    await object.end([end("a", 90)]);
    expect((await object.limits()).rules[0]?.used).toBe(90);
    expect(await object.row("a")).toMatchObject({ status: 200, version: 2 });
  });

  // Two equal requests of one caller, one after the other: the second was given the first one's answer.
  it("lets nobody follow a request whose end comes along", async () => {
    const { object, call, end } = await newWorld();
    const flying = (id: string) => {
      const plain = call(id, []);
      return { ...plain, admission: { ...plain.admission, flight: "the same" } };
    };
    expect(await object.admit(flying("a"), [])).toMatchObject({ ahead: "a" });
    expect(await object.admit(flying("b"), [])).toMatchObject({ ahead: "a" });
    expect(await object.admit(flying("c"), [end("a", 1)])).toMatchObject({
      ahead: "c",
      relied: ["a"],
    });
  });

  it("does not change for a request that it denies", async () => {
    const { object, call } = await newWorld();
    const rules = [ruleOf({ max: 1 }), ruleOf({ level: "org", max: 100 })];
    await object.admit(call("a", rules), []);
    const before = await object.limits();
    expect(await object.admit(call("b", rules), [])).toMatchObject({
      ok: false,
      code: "rate_limit_requests",
      level: "key",
      limit: 1,
    });
    expect(await object.limits()).toEqual(before);
  });

  it("admits nobody by a key that was revoked, or by a record older than it knows", async () => {
    const { object, call, db, principal } = await newWorld();
    expect((await object.admit(call("a", []), [])).ok).toBe(true);
    await db.prepare("UPDATE orgs SET revision = 2 WHERE id = ?").bind(principal.org).run();
    await object.changed([{ entity: "org", revision: 2 }]);
    expect(await object.admit(call("b", []), [])).toEqual({ ok: false, code: "stale" });
    const fresh = { ...principal, revisions: { key: 1, org: 2 } };
    expect((await object.admit({ ...call("c", []), principal: fresh }, [])).ok).toBe(true);
    await object.changed([{ entity: `key:${principal.key}`, revision: undefined }]);
    const revoked = { ok: false, code: "revoked" };
    expect(await object.admit({ ...call("d", []), principal: fresh }, [])).toEqual(revoked);
    await evictDurableObject(object);
    expect(await object.admit({ ...call("e", []), principal: fresh }, [])).toEqual(revoked);
  });

  it("judges a caller who only looks as it would one who asks to be admitted", async () => {
    const { object, db, principal } = await newWorld();
    expect(await object.judge(principal)).toBe("live");
    await db.prepare("UPDATE orgs SET revision = 2 WHERE id = ?").bind(principal.org).run();
    await object.changed([{ entity: "org", revision: 2 }]);
    expect(await object.judge(principal)).toBe("stale");
    const fresh = { ...principal, revisions: { key: 1, org: 2 } };
    expect(await object.judge(fresh)).toBe("live");
    await object.changed([{ entity: `key:${principal.key}`, revision: undefined }]);
    expect(await object.judge(fresh)).toBe("revoked");
  });

  // A database that was brought back from a copy knows less than the object: nobody would be let in again.
  it("believes a database that was restored, and nobody who only says so", async () => {
    const { object, call, db, principal } = await newWorld();
    await object.admit(call("a", []), []);
    await db.prepare("UPDATE keys SET revision = 5 WHERE id = ?").bind(principal.key).run();
    await object.changed([{ entity: `key:${principal.key}`, revision: 5 }]);
    expect(await object.admit(call("b", []), [])).toEqual({ ok: false, code: "stale" });
    await db.prepare("UPDATE keys SET revision = 1 WHERE id = ?").bind(principal.key).run();
    expect((await object.admit(call("c", []), [])).ok).toBe(true);
  });

  it("is found by those who change a key only once it is there", async () => {
    const { object, call, db, principal } = await newWorld();
    const mark = () =>
      db.prepare("SELECT object_at FROM orgs WHERE id = ?").bind(principal.org).first("object_at");
    expect(await mark()).toBeNull();
    await object.admit(call("a", []), []);
    expect(await mark()).toBeGreaterThan(0);
  });

  it("admits nobody by a key that was removed before it first looked", async () => {
    const { object, call, db, principal } = await newWorld();
    await db.prepare("DELETE FROM keys WHERE id = ?").bind(principal.key).run();
    expect(await object.admit(call("a", []), [])).toEqual({ ok: false, code: "revoked" });
  });
});

describe("a block for an isolate", () => {
  const rules = [
    ruleOf({ kind: "calendar", per: "day", max: 1_000 }),
    ruleOf({ unit: "usd", kind: "calendar", per: "month", max: 1_000_000 }),
  ];
  const leasing = (id: string) => ({
    id,
    rules,
    cost: { requests: 1, tokens: 0, nanoUsd: 100, slots: 1 },
  });

  it("is a hold, used up request by request, and given back", async () => {
    const { object, call, end, principal } = await newWorld();
    await object.admit(call("first", rules), []);
    const facts = call("block", rules).facts;
    const block = await object.lease({ principal, leasing: leasing("block"), facts });
    expect(block?.cost.requests).toBe(49);
    const cost = leasing("block").cost;
    const drawn = {
      id: "d1",
      lease: "block",
      owner: principal.lineage,
      cost,
      floor: { tokens: 0, nanoUsd: 50 },
      deadline: Date.now() + 60_000,
      model: "m",
    };
    await object.end([{ ...end("d1", 0, 70), drawn }]);
    const running = { ...drawn, id: "d2" };
    await object.giveBack("block", [{ drawn: running, lineage: principal.lineage, facts }]);
    const standing = async () =>
      Object.fromEntries(
        (await object.limits()).rules.map(({ rule, used, held }) => [rule.unit, [used, held]]),
      );
    expect(await standing()).toEqual({ requests: [1, 2], usd: [70, 100] });
    await object.end([{ ...end("d2", 0, 30), drawn: running }]);
    expect(await standing()).toEqual({ requests: [2, 1], usd: [100, 0] });
  });

  it("has the edition under which keys were judged, which every change replaces", async () => {
    const { object, call, principal } = await newWorld();
    const admitted = await object.admit(call("a", rules), []);
    const block = await object.lease({ principal, leasing: leasing("one"), facts: "{}" });
    expect(block?.edition).toBe(admitted.ok ? admitted.edition : "none");
    await object.changed([{ entity: "key:another", revision: 7, until: Date.now() + 60_000 }]);
    const later = await object.lease({ principal, leasing: leasing("two"), facts: "{}" });
    expect(later?.edition).not.toBe(block?.edition);
    expect(await object.admit(call("b", rules), [])).toMatchObject({ edition: later?.edition });
  });

  it("is not given where less than a fifth of a limit is left", async () => {
    const { object, call, principal } = await newWorld();
    const tight = [ruleOf({ kind: "calendar", per: "day", max: 1_000 })];
    await object.admit(call("a", tight, { requests: 850 }), []);
    const asked = { ...leasing("block"), rules: tight };
    expect(await object.lease({ principal, leasing: asked, facts: "{}" })).toBeUndefined();
    // Nobody who changes something has to wait for a block that was not given.
    await runInDurableObject(object, (instance) => {
      expect((instance as unknown as { readonly leasedUntil: number }).leasedUntil).toBe(0);
    });
  });

  it("is waited for by whoever revokes a key", async () => {
    const { object, call, principal } = await newWorld();
    await object.admit(call("a", rules), []);
    await object.lease({ principal, leasing: leasing("block"), facts: "{}" });
    const began = Date.now();
    await object.changed([{ entity: `key:${principal.key}`, revision: undefined }]);
    expect(Date.now() - began).toBeGreaterThan(1_500);
  });

  // A busy key's rotation took two seconds, and they went off the time in which both keys hold.
  it("is not waited for by whoever rotates a key that outlives it", async () => {
    const { object, call, principal } = await newWorld();
    await object.admit(call("a", rules), []);
    await object.lease({ principal, leasing: leasing("block"), facts: "{}" });
    const ended: string[] = [];
    const changing = async (name: string, until: number | undefined): Promise<void> => {
      await object.changed([{ entity: `key:${principal.key}`, revision: 2, until }]);
      ended.push(name);
    };
    const soon = Date.now() + 500;
    const all = [changing("at once", undefined), changing("soon", soon)];
    await changing("long after", Date.now() + 60_000);
    await Promise.all(all);
    expect(ended[0]).toBe("long after");
  });
});
