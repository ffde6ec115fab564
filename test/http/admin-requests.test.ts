import { beforeAll, describe, expect, it } from "vitest";
import { requestRoutes } from "../../src/http/admin/requests.ts";
import { createUsageConsumer } from "../../src/platform/usage.ts";
import { createLedger } from "../../src/platform/usage-reads.ts";
import { shownRow } from "../../src/policy/view/ledger-row.ts";
import { migrated, noFreshRows } from "../platform/tenants-database.ts";
import { type AdminCall, adminPlane } from "../support/admin-plane.ts";
import { ARRIVAL, ledgerRow } from "../support/ledger-rows.ts";

const ROWS = ["a", "b", "c"].map((id, at) => ledgerRow(`req_${id}`, { at: ARRIVAL + at }));

let ask: AdminCall;
beforeAll(async () => {
  const db = await migrated();
  await createUsageConsumer({ db }).apply(ROWS.map((row) => ({ kind: "row", row })));
  const ledger = createLedger({ db, fresh: noFreshRows });
  ask = adminPlane(requestRoutes, { ledger }, () => ARRIVAL);
});

describe("GET /requests", () => {
  it("comes in pages, the newest first", async () => {
    const first = await ask("GET", "/requests?org=acme&limit=2&cursor=");
    const [a, b, c] = ROWS.map(shownRow);
    expect(first.body).toEqual({ data: [c, b], next_cursor: `${ARRIVAL + 1}.req_b` });
    const second = await ask("GET", `/requests?limit=2&cursor=${first.body["next_cursor"]}`);
    expect(second.body).toEqual({ data: [a], next_cursor: null });
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["cursor=x", "cursor"],
    ["status=ok", "status"],
    ["org=No", "org"],
  ])("refuses %s", async (query, param) => {
    const { status, error } = await ask("GET", `/requests?${query}`);
    expect([status, error["code"], error["param"]]).toEqual([400, "invalid_parameter", param]);
  });

  it("is for those who may read usage", async () => {
    expect((await ask("GET", "/requests", undefined, "keys:read")).status).toBe(403);
  });
});

describe("GET /requests/:id", () => {
  it("shows one", async () => {
    expect((await ask("GET", "/requests/req_b")).body["request_id"]).toBe("req_b");
  });

  it("is 404 where there is none", async () => {
    const { status, error } = await ask("GET", "/requests/req_z");
    expect([status, error["code"]]).toEqual([404, "not_found"]);
  });
});
