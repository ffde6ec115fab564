import { expect, it } from "vitest";
import { newWorld, rowOf, ruleOf } from "./organisation-world.ts";

const PAGE = 4;
const REQUESTS = 11;

// Rows were listed by when the object had heard of a request and asked for by when it had arrived: those
// between the two were left out. Blocks that were given back have no row and took the place of one.
it("an object lists every row page by page, by its request's arrival, also behind blocks that came back", async () => {
  const { object, call, end, principal } = await newWorld();
  const rules = [ruleOf({ unit: "requests", kind: "calendar", per: "day", max: 1_000_000 })];
  const arrived = Date.now() - 60_000;
  const ids = Array.from({ length: REQUESTS }, (_, index) => `req_${index}`);
  for (const [index, id] of ids.entries()) {
    expect(await object.admit(call(id, rules), [])).toMatchObject({ ok: true });
    const cost = { requests: 1, tokens: 0, nanoUsd: 0, slots: 0 };
    const block = `block_${index}`;
    const facts = JSON.stringify(rowOf(block));
    await object.lease({ principal, leasing: { id: block, rules, cost }, facts });
    await object.giveBack(block, []);
    const told = end(id, 1);
    // The later one is heard of, the earlier it has arrived.
    await object.end([{ ...told, row: { ...told.row, at: arrived - 1_000 * index } }]);
  }
  const listed: string[] = [];
  for (let before: { at: number; id: string } | undefined; ; ) {
    const page = await object.newest(PAGE, before);
    listed.push(...page.map(({ request_id }) => request_id));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    before = { at: last.at, id: last.request_id };
  }
  expect(listed).toEqual(ids);
  expect(await object.row("block_0")).toBeUndefined();
});
