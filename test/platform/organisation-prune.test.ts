import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { withQueue } from "./organisation-queue.ts";
import { newWorld, pruneAgain, rowOf, type World } from "./organisation-world.ts";

const DAY_MS = 86_400_000;

const inObject = <T>({ object }: World, work: (sql: SqlStorage) => T): Promise<T> =>
  runInDurableObject(object, (_, { storage }) => work(storage.sql));

const count = (world: World, what: string): Promise<number> =>
  inObject(world, (sql) => sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${what}`).one().n);

/** An alarm; milliseconds until the next one. */
const alarm = ({ object }: World): Promise<number> =>
  runInDurableObject(object, async (instance, { storage }) => {
    await instance.alarm();
    return ((await storage.getAlarm()) ?? Number.POSITIVE_INFINITY) - Date.now();
  });

/** So many requests that have ended long ago. */
const addRequests = (world: World, name: string, number: number, at: number): Promise<unknown> =>
  inObject(world, (sql) =>
    sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO request SELECT ? || i, 'settled', ?, 2, '{}', ? FROM n`,
      number,
      name,
      at,
      JSON.stringify(rowOf(name)),
    ),
  );

describe("what is old", () => {
  it("goes a thousand requests at a time, and the object wakes again until all of it has", async () => {
    const world = await newWorld();
    const queue = await withQueue(world.object);
    await addRequests(world, "new", 10, Date.now());
    await addRequests(world, "old", 2_500, Date.now() - 15 * DAY_MS);
    const left: [number, boolean][] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const wait = await alarm(world);
      left.push([await count(world, "request"), wait < 10_000]);
    }
    expect(left).toEqual([
      [1_510, true],
      [510, true],
      [10, false],
    ]);
    expect(queue.taken).toEqual([]);
  });

  it("is left while it is held or has not been told", async () => {
    const world = await newWorld();
    const queue = await withQueue(world.object);
    queue.refuses = true;
    await world.object.admit(world.call("held", []), []);
    await world.object.end([world.end("untold", 1)]);
    await addRequests(world, "old", 1_200, 0);
    await inObject(world, (sql) => sql.exec("UPDATE request SET at = 0"));
    for (let turn = 0; turn < 3; turn += 1) await alarm(world);
    expect(
      await inObject(world, (sql) => sql.exec("SELECT id FROM request ORDER BY id").toArray()),
    ).toEqual([{ id: "held" }, { id: "untold" }]);
  });

  it("goes from tables without an index of times in walks from end to end", async () => {
    const world = await newWorld();
    const long = Date.now() - 100 * DAY_MS;
    await inObject(world, (sql) => {
      const many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)";
      sql.exec(
        `${many} INSERT INTO rule SELECT printf('r%05d', i), iif(i % 2, ?, ?), '{}' FROM n`,
        12_000,
        long,
        Date.now(),
      );
      sql.exec(
        `${many} INSERT INTO spend SELECT 'k' || (i % 300), date(?, 'unixepoch', i || ' days'), 1 FROM n`,
        6_000,
        long / 1_000 - 5_800 * 86_400,
      );
    });
    await alarm(world);
    expect(await count(world, `rule WHERE touched <= ${long}`)).toBe(3_500);
    await alarm(world);
    await alarm(world);
    expect(await count(world, "rule")).toBe(6_000);
    expect(await count(world, `rule WHERE touched <= ${long}`)).toBe(0);
    const oldest = new Date(Date.now() - 62 * DAY_MS).toISOString().slice(0, 10);
    expect(await count(world, `spend WHERE day < '${oldest}'`)).toBe(0);
    expect(await count(world, "spend")).toBeGreaterThan(0);
  });
});

describe("a key that was revoked", () => {
  const known = (world: World): Promise<number> =>
    count(world, `known WHERE entity = 'key:${world.principal.key}'`);

  const revoked = async (): Promise<World> => {
    const world = await newWorld();
    await withQueue(world.object);
    await world.object.admit(world.call("a", []), []);
    await world.db.prepare("DELETE FROM keys WHERE id = ?").bind(world.principal.key).run();
    await world.object.changed([{ entity: `key:${world.principal.key}`, revision: undefined }]);
    return world;
  };

  const pruneAfter = async (world: World, days: number): Promise<void> => {
    await inObject(world, (sql) =>
      sql.exec("UPDATE gone SET noticed = noticed - ?", days * DAY_MS),
    );
    await runInDurableObject(world.object, pruneAgain);
    await alarm(world);
  };

  // Revoked keys stayed in the object's memory for ever.
  it("is remembered for 35 days and then forgotten", async () => {
    const world = await revoked();
    await pruneAfter(world, 0);
    expect(await count(world, "gone")).toBe(1);
    await pruneAfter(world, 34);
    expect(await known(world)).toBe(1);
    await pruneAfter(world, 2);
    expect([await known(world), await count(world, "gone")]).toEqual([0, 0]);
  });

  it("is refused all the same by whoever comes with it afterwards", async () => {
    const world = await revoked();
    await pruneAfter(world, 0);
    await pruneAfter(world, 36);
    const answer = await world.object.admit(world.call("b", []), []);
    expect(answer).toEqual({ ok: false, code: "revoked" });
    expect(await known(world)).toBe(1);
  });

  it("takes no key with it that lives", async () => {
    const world = await newWorld();
    await world.object.admit(world.call("a", []), []);
    await pruneAfter(world, 0);
    await pruneAfter(world, 36);
    expect(await known(world)).toBe(1);
    expect(await world.object.admit(world.call("b", []), [])).toMatchObject({ ok: true });
  });
});
