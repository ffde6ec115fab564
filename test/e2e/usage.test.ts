import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageMessage } from "../../src/domain/usage-message.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { ledgerRow } from "../support/ledger-rows.ts";

const HOUR = 3_600_000;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway?.dispose();
});

/** As long as the contract gives a row to be there. */
const POLLED = { timeout: 10_000, interval: 100 };

describe("usage that came through the queue", () => {
  it("is reported, listed and archived", async () => {
    const at = Date.now() - 2 * HOUR;
    const row = ledgerRow("req_queued", { at, tags: { feature: "docs" } });
    const message: UsageMessage = { kind: "row", row };
    const queue = await gateway.miniflare.getQueueProducer<UsageMessage>("USAGE");
    await queue.send(message);
    await queue.send(message);

    const list = () => gateway.adminJson("GET", "/requests?org=acme");
    await expect
      .poll(list, POLLED)
      .toMatchObject({ data: [{ request_id: "req_queued", cost_usd: 0.001 }] });
    expect(await gateway.adminJson("GET", "/usage?group_by=model,feature")).toMatchObject({
      total_requests: 1,
      groups: [{ key: { model: "large", feature: "docs" }, cost_usd: 0.001, share: 1 }],
    });
    expect(await gateway.adminJson("GET", "/metrics")).toMatchObject({
      providers: { north: { requests: 1, success_rate: 1 } },
    });

    const worker = await gateway.miniflare.getWorker();
    await worker.scheduled({ cron: "7 * * * *" });
    const archive = await gateway.miniflare.getR2Bucket("ARCHIVE");
    const { objects } = await archive.list({ prefix: "ledger/" });
    expect(objects).toHaveLength(1);
    const text = await (await archive.get(objects[0]?.key ?? ""))?.text();
    expect(JSON.parse(text ?? "")).toEqual(row);
  });
});
