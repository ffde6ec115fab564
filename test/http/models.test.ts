import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../src/domain/config/snapshot.ts";
import type { Target } from "../../src/domain/target.ts";
import { modelRoutes } from "../../src/http/models.ts";
import { errorOf, KEY, testDoor } from "./door.ts";

const target = (model: string, provider: string): [string, Target] => [
  model,
  { model, provider } as Target,
];
const snapshot = {
  version: 1,
  policy: { models: { deny: ["secret-*"] } },
  config: { providers: {}, models: {} },
  targets: new Map([
    target("gpt-x", "openai"),
    target("@cf/meta/llama", "workers"),
    target("secret-model", "openai"),
  ]),
} as unknown as Snapshot;
const door = testDoor({ routes: modelRoutes, snapshot: () => snapshot });
const ANTHROPIC = { "x-api-key": KEY, "anthropic-version": "2023-06-01" };

describe("GET /v1/models", () => {
  it("lists in OpenAI's form what the key may use", async () => {
    expect(await (await door.call("/v1/models")).json()).toEqual({
      object: "list",
      data: [
        { id: "gpt-x", object: "model", created: 0, owned_by: "openai" },
        { id: "@cf/meta/llama", object: "model", created: 0, owned_by: "workers" },
      ],
    });
  });

  it("lists in Anthropic's form for whoever speaks its version", async () => {
    const model = (id: string) => ({
      type: "model",
      id,
      display_name: id,
      created_at: "1970-01-01T00:00:00Z",
    });
    expect(await (await door.call("/v1/models", { headers: ANTHROPIC })).json()).toEqual({
      data: [model("gpt-x"), model("@cf/meta/llama")],
      has_more: false,
      first_id: "gpt-x",
      last_id: "@cf/meta/llama",
    });
  });

  it("lists a route as long as the key may use one of its models", async () => {
    const routes = {
      mixed: { strategy: "priority", models: ["secret-model", "gpt-x"] },
      secrets: { strategy: "priority", models: ["secret-model"] },
      tiered: {
        strategy: "complexity",
        tiers: { simple: ["secret-model"], moderate: ["secret-model"], complex: ["gpt-x"] },
      },
    };
    const routed = { ...snapshot, config: { ...snapshot.config, routes } } as unknown as Snapshot;
    const { call } = testDoor({ routes: modelRoutes, snapshot: () => routed });
    const { data } = (await (await call("/v1/models")).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(["gpt-x", "@cf/meta/llama", "mixed", "tiered"]);
    expect((await call("/v1/models/secrets")).status).toBe(404);
  });

  it("is an empty list where there is none", async () => {
    const none = { ...snapshot, targets: new Map() };
    const empty = testDoor({ routes: modelRoutes, snapshot: () => none });
    expect(await (await empty.call("/v1/models")).json()).toEqual({ object: "list", data: [] });
    expect(await (await empty.call("/v1/models", { headers: ANTHROPIC })).json()).toEqual({
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    });
  });
});

describe("GET /v1/models/:id", () => {
  it.each(["gpt-x", "@cf/meta/llama"])("tells of %s", async (id) => {
    expect(await (await door.call(`/v1/models/${id}`)).json()).toMatchObject({
      id,
      object: "model",
    });
    const anthropic = await door.call(`/v1/models/${id}`, { headers: ANTHROPIC });
    expect(await anthropic.json()).toMatchObject({ id, type: "model" });
  });

  // Both SDKs escape what they put into a path.
  it("tells of a name whose slashes are escaped", async () => {
    const response = await door.call("/v1/models/%40cf%2Fmeta%2Fllama");
    expect(await response.json()).toMatchObject({ id: "@cf/meta/llama" });
  });

  it("answers alike for a model that is not allowed and one that is not there", async () => {
    const answers = await Promise.all(
      ["secret-model", "nothing", "@cf/meta"].map(async (id) =>
        errorOf(await door.call(`/v1/models/${id}`)),
      ),
    );
    for (const answer of answers) {
      expect(answer).toEqual({ status: 404, code: "model_not_found", param: "model" });
    }
  });

  it("names what was looked for", async () => {
    const answer = await (await door.call("/v1/models/noth%2Fing")).json();
    expect(answer).toMatchObject({ error: { details: { model: "noth/ing" } } });
  });

  it("refuses Anthropic's SDK in Anthropic's envelope", async () => {
    const response = await door.call("/v1/models/nothing", { headers: ANTHROPIC });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { type: "not_found_error" } });
  });
});
