import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok"] });
});
afterAll(() => journey?.dispose());

const messages = [{ role: "user", content: "hi" }];

/** Fields that the other dialect has no place for, and what becomes of them. */
const REFUSED = [
  { model: "anthropic-ok", field: "n", value: 2 },
  { model: "anthropic-ok", field: "logprobs", value: true },
  { model: "anthropic-ok", field: "brand_new", value: 1 },
];
const DROPPED = [
  { model: "anthropic-ok", field: "seed", value: 7 },
  { model: "gemini-ok", field: "user", value: "u1" },
  { model: "gemini-ok", field: "logit_bias", value: { "50256": -100 } },
];

describe("a field that cannot be carried into the provider's dialect", () => {
  it.each(REFUSED)("is refused by its name: $field for $model", async ({ model, field, value }) => {
    const before = journey.upstream.requests.length;
    const body = { model, messages, [field]: value };
    const response = await journey.post("/v1/chat/completions", body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: "unsupported_parameter", param: field, source: "caller" },
    });
    expect(journey.upstream.requests.length).toBe(before);
  });

  it.each(DROPPED)("is dropped where it is a hint, and named: $field for $model", async (row) => {
    const body = { model: row.model, messages, [row.field]: row.value };
    const response = await journey.post("/v1/chat/completions", body);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-headgate-dropped")).toBe(row.field);
    expect(journey.upstream.to("ok").at(-1)?.body).not.toHaveProperty(row.field);
  });

  it("is named on /v1/messages too", async () => {
    const body = { model: "openai-ok", messages, max_tokens: 9, top_k: 5 };
    const response = await journey.post("/v1/messages", body);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-headgate-dropped")).toBe("top_k");
  });
});
