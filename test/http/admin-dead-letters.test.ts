import { beforeAll, describe, expect, it } from "vitest";
import { deadLetterRoutes } from "../../src/http/admin/dead-letters.ts";
import { createUsageConsumer } from "../../src/platform/usage.ts";
import { createDeadLetters } from "../../src/platform/usage-dead-letters.ts";
import { migrated } from "../platform/tenants-database.ts";
import { type AdminCall, adminPlane } from "../support/admin-plane.ts";
import { ARRIVAL, ledgerRow } from "../support/ledger-rows.ts";

let ask: AdminCall;
beforeAll(async () => {
  const db = await migrated();
  const clock = { now: () => ARRIVAL, after: () => () => {} };
  const deadLetters = createDeadLetters({ db, clock, consumer: createUsageConsumer({ db }) });
  await deadLetters.keep([
    { id: "one", at: ARRIVAL, body: { kind: "row", row: ledgerRow("a") } },
    { id: "two", at: ARRIVAL, body: "what is this" },
  ]);
  ask = adminPlane(deadLetterRoutes, { deadLetters }, () => ARRIVAL);
});

describe("dead letters", () => {
  it("are listed, replayed, and listed no more", async () => {
    const { body } = await ask("GET", "/dead-letters");
    expect(body).toMatchObject({
      data: [
        { id: "one", at: "2026-11-21T14:25:00.000Z", attempts: 0, body: { kind: "row" } },
        { id: "two", body: "what is this" },
      ],
      next_cursor: null,
    });
    const replay = await ask("POST", "/dead-letters/replay", {});
    expect(replay.body).toEqual({ replayed: ["one"], failed: ["two"] });
    const after = await ask("GET", "/dead-letters?limit=1");
    expect(after.body).toMatchObject({ data: [{ id: "two", attempts: 1 }], next_cursor: null });
  });

  it.each([
    [{ ids: [] }, "invalid_parameter"],
    [{ id: "one" }, "unknown_field"],
  ])("refuses %j", async (wish, code) => {
    const { status, error } = await ask("POST", "/dead-letters/replay", wish);
    expect([status, error["code"]]).toEqual([400, code]);
  });

  it("are replayed by those who may change the configuration", async () => {
    const { status } = await ask("POST", "/dead-letters/replay", {}, "usage:read");
    expect(status).toBe(403);
  });
});
