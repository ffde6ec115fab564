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
  await gateway.dispose();
});

/** Asks until `found`, for as long as the contract gives a row to be there. */
const within10s = async <T>(ask: () => Promise<T>, found: (answer: T) => boolean): Promise<T> => {
  const end = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (found(answer) || Date.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

describe("usage that came through the queue", () => {
  it("is reported, listed and archived", async () => {
    const at = Date.now() - 2 * HOUR;
    const row = ledgerRow("req_queued", { at, tags: { feature: "docs" } });
    const message: UsageMessage = { kind: "row", row };
    const queue = await gateway.miniflare.getQueueProducer<UsageMessage>("USAGE");
    await queue.send(message);
    await queue.send(message);

    const list = await within10s(
      () => gateway.adminJson("GET", "/requests?org=acme"),
      ({ data }) => Array.isArray(data) && data.length > 0,
    );
    expect(list["data"]).toMatchObject([{ request_id: "req_queued", cost_usd: 0.001 }]);
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
