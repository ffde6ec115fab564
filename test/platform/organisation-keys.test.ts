import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Principal } from "../../src/platform/objects/organisation-calls.ts";
import {
  createKnownKeys,
  judgeAnew,
  type KnownKeys,
} from "../../src/platform/objects/organisation-keys.ts";
import { NOON } from "../policy/limits/rule.ts";
import { newWorld } from "./organisation-world.ts";

const ENTITIES = ["key", "org", "team", "user"] as const;
let made = 0;

/** What an object knows that nobody else has; in the database everything is of revision 5. */
const inObject = async (
  play: (scene: {
    readonly principal: Principal;
    readonly db: D1Database;
    readonly keys: KnownKeys;
    /** After a start: what was written, and nothing else. */
    readonly again: () => KnownKeys;
  }) => Promise<void>,
): Promise<void> => {
  const { principal: bare, db } = await newWorld();
  const { org, key } = bare;
  const entity = (table: string, id: string) =>
    db.prepare(`INSERT INTO ${table} VALUES (?, ?, '', '{}', 0, 5)`).bind(org, id);
  await db.batch([
    entity("teams", "red"),
    entity("users", "ann"),
    db.prepare("UPDATE orgs SET revision = 5 WHERE id = ?").bind(org),
    db.prepare("UPDATE keys SET revision = 5 WHERE id = ?").bind(key),
  ]);
  const revisions = { key: 5, org: 5, team: 5, user: 5 };
  const principal: Principal = { ...bare, team: "red", user: "ann", revisions };
  made += 1;
  await runInDurableObject(env.TARGET.getByName(`keys-${made}`), (_, { storage }) => {
    const again = () => createKnownKeys(storage.sql, db);
    return play({ principal, db, keys: again(), again });
  });
};

const entityOf = (name: (typeof ENTITIES)[number], { key, team, user }: Principal): string =>
  ({ key: `key:${key}`, org: "org", team: `team:${team}`, user: `user:${user}` })[name];

describe("what an object knows of keys", () => {
  it("is nothing before it has looked, and stays known when it is put away", async () => {
    await inObject(async ({ principal, keys, again }) => {
      expect(keys.knows(principal)).toBe(false);
      await keys.look(principal);
      expect(keys.knows(principal)).toBe(true);
      expect(again().knows(principal)).toBe(true);
      expect(again().knows({ ...principal, team: "blue" })).toBe(false);
    });
  });

  it.each(ENTITIES)("makes a record with an older %s stale, and no newer one", async (name) => {
    await inObject(async ({ principal, keys }) => {
      await keys.look(principal);
      const judged = (revision: number) => {
        const revisions = { ...principal.revisions, [name]: revision };
        return keys.judge({ ...principal, revisions }, NOON);
      };
      expect([judged(4), judged(5), judged(6)]).toEqual(["stale", "live", "live"]);
    });
  });

  it.each(ENTITIES)("is of a change of a %s from when it is told", async (name) => {
    await inObject(async ({ principal, keys, again }) => {
      await keys.look(principal);
      const edition = keys.edition();
      keys.change([{ entity: entityOf(name, principal), revision: 6 }]);
      expect(keys.edition()).not.toBe(edition);
      expect([keys.judge(principal, NOON), again().judge(principal, NOON)]).toEqual([
        ...["stale", "stale"],
      ]);
      keys.change([{ entity: entityOf(name, principal), revision: 3 }]);
      expect(keys.judge(principal, NOON)).toBe("stale");
    });
  });

  it("ends a key at its time, not before", async () => {
    await inObject(async ({ principal, keys }) => {
      await keys.look(principal);
      const ends = { ...principal, expiresAt: NOON };
      expect([keys.judge(ends, NOON - 1), keys.judge(ends, NOON)]).toEqual(["live", "revoked"]);
    });
  });

  it.each<[string, Partial<Principal>]>([
    ["a key that is not there", { key: "key99999" }],
    ["an organisation of another name", { org: "other" }],
    ["another tenant's organisation", { tenant: "ten99999" }],
  ])("knows %s for revoked", async (_, other) => {
    await inObject(async ({ principal, keys }) => {
      const wrong = { ...principal, ...other };
      expect(await judgeAnew(keys, wrong, () => NOON)).toBe("revoked");
    });
  });

  it("takes a team and a user that nobody has made for never changed", async () => {
    await inObject(async ({ principal, keys }) => {
      const revisions = { key: 5, org: 5 };
      const none = { ...principal, team: "blue", user: "bob", revisions };
      expect(await judgeAnew(keys, none, () => NOON)).toBe("live");
    });
  });

  it("keeps a revoked key revoked, whatever the database says yet", async () => {
    await inObject(async ({ principal, keys, again }) => {
      await keys.look(principal);
      keys.change([{ entity: entityOf("key", principal), revision: undefined }]);
      expect(keys.judge(principal, NOON)).toBe("revoked");
      await keys.look(principal);
      await keys.lookAnew(principal);
      expect([keys.judge(principal, NOON), again().judge(principal, NOON)]).toEqual([
        ...["revoked", "revoked"],
      ]);
    });
  });

  it("forgets a team that was removed: another of its name begins to count anew", async () => {
    await inObject(async ({ principal, db, keys }) => {
      await keys.look(principal);
      await db.prepare("DELETE FROM teams WHERE org = ?").bind(principal.org).run();
      keys.change([{ entity: entityOf("team", principal), revision: undefined }]);
      const revisions = { ...principal.revisions, team: 1 };
      expect(keys.knows(principal)).toBe(false);
      expect(await judgeAnew(keys, { ...principal, revisions }, () => NOON)).toBe("live");
    });
  });
});

describe("a database that was put back", () => {
  const putBack = (db: D1Database, { org }: Principal): Promise<unknown> =>
    db.prepare("UPDATE teams SET revision = 4 WHERE org = ?").bind(org).run();
  const older = (principal: Principal): Principal => ({
    ...principal,
    revisions: { ...principal.revisions, team: 4 },
  });

  it("is believed where it knows less than the object", async () => {
    await inObject(async ({ principal, db, keys, again }) => {
      await keys.look(principal);
      await putBack(db, principal);
      expect(keys.judge(older(principal), NOON)).toBe("stale");
      expect(await judgeAnew(keys, older(principal), () => NOON)).toBe("live");
      expect(again().judge(older(principal), NOON)).toBe("live");
    });
  });

  it("is not believed about what was told while it was read", async () => {
    await inObject(async ({ principal, db, keys }) => {
      await keys.look(principal);
      await putBack(db, principal);
      const reading = keys.lookAnew(older(principal));
      keys.change([{ entity: entityOf("team", principal), revision: 7 }]);
      await reading;
      expect(keys.judge(principal, NOON)).toBe("stale");
    });
  });
});
