import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, startJourney } from "../support/journey.ts";
import { limited, on } from "../support/limited.ts";
import { bodyOf, type LoopbackServer, serveLoopback } from "../support/loopback-server.ts";
import { PROVIDER_SECRETS } from "../support/upstream-config.ts";

type Told = { readonly signature: string; readonly body: string };

const told: Told[] = [];
let receiver: LoopbackServer;
let failures = 0;
let journey: Journey;
const [SECRET = "", VALUE = ""] = Object.entries(PROVIDER_SECRETS)[0] ?? [];

beforeAll(async () => {
  receiver = await serveLoopback(async (request, response) => {
    const body = await bodyOf(request);
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end();
      return;
    }
    told.push({ signature: String(request.headers["x-headgate-signature"]), body });
    response.end("ok");
  });
  const url = `${receiver.url}/hook`;
  journey = await startJourney({
    models: ["ok", "status-401"],
    config: { alerts: { webhooks: [{ url, secret: { secret: SECRET } }] } },
  });
});
afterAll(async () => {
  await journey?.dispose();
  await receiver?.dispose();
});

const alertsOf = (event: string) =>
  told.map(({ body }) => JSON.parse(body)).filter((alert) => alert.event === event);

describe("an alert", () => {
  it("F10 tells of a refused credential by its name, signed, once", async () => {
    const body = { model: "openai-status-401", messages: [{ role: "user", content: "hi" }] };
    failures = 1; // The first delivery is refused, and tried again.
    for (let count = 0; count < 3; count += 1) {
      expect((await journey.post("/v1/chat/completions", body)).status).toBe(502);
    }
    await eventually(() => alertsOf("credential.refused").length > 0);
    expect(alertsOf("credential.refused")).toEqual([
      {
        id: expect.stringMatching(/^alert_/),
        event: "credential.refused",
        at: expect.stringMatching(/Z$/),
        data: {
          provider: expect.any(String),
          model: "openai-status-401",
          secret: expect.any(String),
          code: "upstream_auth_failed",
        },
      },
    ]);
    const [first] = told;
    const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(first?.signature ?? "") ?? [];
    const expected = createHmac("sha256", VALUE).update(`${seconds}.${first?.body}`).digest("hex");
    expect(mac).toBe(expected);
    expect(first?.body).not.toContain(VALUE);
  });

  it("tells of a budget that is nearly spent, once a window", async () => {
    const policy = on({ unit: "requests", per: "day", max: 5 });
    const { org, call } = await limited(journey, policy, "key");
    for (let count = 0; count < 5; count += 1) {
      const answer = await call();
      expect(answer.headers.get("x-headgate-budget-warning")).toBe(
        count < 3 ? null : `key;used=${count === 3 ? "0.80" : "1.00"}`,
      );
    }
    await eventually(() => alertsOf("budget.soft_limit").length > 0);
    expect(alertsOf("budget.soft_limit")).toMatchObject([
      { data: { org, limit: "key/requests/day" } },
    ]);
  });

  it("is not told again by what went on meanwhile", () => {
    expect(told.map(({ body }) => JSON.parse(body).event)).toEqual([
      "credential.refused",
      "budget.soft_limit",
    ]);
  });
});
