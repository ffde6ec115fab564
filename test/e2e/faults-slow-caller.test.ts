import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, ORG, startJourney } from "../support/journey.ts";
import { expectAtRest, rowOf } from "../support/ledger.ts";
import { PROVIDERS } from "../support/upstream-config.ts";

const EVENTS = 1_000;
const EVENT_BYTES = 65_536;
/** What the sockets between us may hold, on a machine that lets their buffers grow. */
const UNDERWAY = EVENTS * EVENT_BYTES * 0.75;

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ counted: true, models: [`pour-${EVENTS}`] });
});
afterAll(() => journey?.dispose());

const poured = (model: string): number =>
  journey.upstream.to(model).reduce((sum, received) => sum + received.poured, 0);

/** Waits until the upstream has got rid of nothing more for a while. */
const atRest = async (model: string): Promise<number> => {
  let before = -1;
  for (let now = poured(model); now !== before || now === 0; now = poured(model)) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  return before;
};

describe("F30 a caller who stops reading", () => {
  it.each(PROVIDERS)("holds up the upstream, not the gateway's memory: %s", async (provider) => {
    const model = `pour-${EVENTS}`;
    const before = poured(model);
    const sent = request(`${journey.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${journey.key}`, "content-type": "application/json" },
    });
    sent.end(
      JSON.stringify({
        model: `${provider}-${model}`,
        messages: [{ role: "user", content: "hi" }],
        stream: true,
      }),
    );
    const response = await new Promise<import("node:http").IncomingMessage>((resolve, reject) =>
      sent.on("response", resolve).on("error", reject),
    );
    expect(response.statusCode).toBe(200);
    response.pause();
    await eventually(() => poured(model) > before);
    expect((await atRest(model)) - before).toBeLessThan(UNDERWAY);

    // Whoever reads on gets all of it.
    let bytes = 0;
    let end = "";
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      end = (end + (chunk as Buffer).toString("latin1")).slice(-40);
    }
    expect(bytes).toBeGreaterThan(EVENTS * EVENT_BYTES);
    expect(end).toContain("[DONE]");
    const row = await rowOf(journey, String(response.headers["x-request-id"]));
    expect(row).toMatchObject({ status: 200, error_code: null, attempts: 1 });
    await expectAtRest(journey.gateway, ORG);
  });
});
