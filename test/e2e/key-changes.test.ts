import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, ORG, startJourney } from "../support/journey.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ models: ["ok", "embedding"] });
});
afterAll(() => journey?.dispose());

const SECOND = 1_000;

type Key = { readonly id: string; readonly key: string };
const newKey = async (more: object): Promise<Key> =>
  (await journey.gateway.adminJson("POST", "/keys", { org: ORG, ...more })) as unknown as Key;
const change = (path: string, patch: object) => journey.gateway.adminJson("PATCH", path, patch);

const ask = (key: string, headers: Record<string, string> = {}): Promise<Response> =>
  journey.post(
    "/v1/chat/completions",
    { model: "openai-ok", messages: [{ role: "user", content: "hi" }] },
    { authorization: `Bearer ${key}`, ...headers },
  );
const codeOf = async (response: Response): Promise<string | undefined> =>
  ((await response.json()) as { error?: { code: string } }).error?.code;

// What an isolate knew of a key was right for five seconds more, also for whoever had just changed it there: a model
// that was allowed was 403, and a scope that was taken still let requests in.
describe("the request after a change of a key", () => {
  it.each<[fact: string, before: object, patch: object, status: number, code?: string]>([
    ["may use what was allowed", { policy: { models: { deny: ["*"] } } }, { policy: null }, 200],
    [
      "may not use what was forbidden",
      {},
      { policy: { models: { deny: ["*"] } } },
      403,
      "model_not_allowed",
    ],
    ["may do what its scopes say", { scopes: ["embeddings"] }, { scopes: ["chat"] }, 200],
    [
      "may not do what they said",
      { scopes: ["chat"] },
      { scopes: ["embeddings"] },
      403,
      "scope_missing",
    ],
  ])("%s", async (_fact, before, patch, status, code) => {
    const { id, key } = await newKey(before);
    await codeOf(await ask(key));
    await change(`/keys/${id}`, patch);
    const answer = await ask(key);
    expect([answer.status, await codeOf(answer)]).toEqual([status, code]);
  });

  it.each<[fact: string, change: (id: string) => Promise<unknown>, code: string]>([
    [
      "was rotated and has ended",
      (id) => journey.gateway.adminJson("POST", `/keys/${id}/rotate`, { overlap_seconds: 0 }),
      "invalid_api_key",
    ],
    ["lost its scope", (id) => change(`/keys/${id}`, { scopes: ["embeddings"] }), "scope_missing"],
    [
      "lost its models",
      (id) => change(`/keys/${id}`, { policy: { models: { deny: ["*"] } } }),
      "model_not_allowed",
    ],
  ])("is given no kept reply where the key %s", async (_fact, end, code) => {
    const { id, key } = await newKey({});
    const once = { "idempotency-key": id };
    await codeOf(await ask(key, once));
    expect((await ask(key, once)).headers.get("idempotent-replayed")).toBe("true");
    await end(id);
    expect(await codeOf(await ask(key, once))).toBe(code);
  });

  it("is let in by a key that had ended", async () => {
    const { id, key } = await newKey({});
    await codeOf(await ask(key));
    await change(`/keys/${id}`, { expires_at: new Date(Date.now() + SECOND).toISOString() });
    await expect
      .poll(async () => codeOf(await ask(key)), { timeout: 10 * SECOND })
      .toBe("invalid_api_key");
    await change(`/keys/${id}`, { expires_at: null });
    expect((await ask(key)).status).toBe(200);
  });

  it("has the tags that are fixed on the key by then", async () => {
    const { id, key } = await newKey({ tags: { project: "old", gone: "1" } });
    await codeOf(await ask(key));
    await change(`/keys/${id}`, { tags: { project: "new", gone: null } });
    const answer = await ask(key, { "x-headgate-tags": "mine=x,project=y" });
    const row = `/requests/${answer.headers.get("x-request-id")}`;
    const tags = async () => {
      const response = await journey.gateway.admin("GET", row);
      return ((await response.json()) as { tags?: object }).tags;
    };
    await expect.poll(tags, { timeout: 10 * SECOND }).toEqual({ mine: "x", project: "new" });
  });
});

describe("the request after a change of what stands above its key", () => {
  it.each([
    ["organisation", `/orgs/${ORG}`],
    ["team", `/orgs/${ORG}/teams/core`],
  ])("may use what its %s has allowed", async (kind, path) => {
    if (kind === "team") await journey.gateway.admin("POST", `/orgs/${ORG}/teams`, { id: "core" });
    const { key } = await newKey(kind === "team" ? { team: "core" } : {});
    await change(path, { policy: { models: { deny: ["*"] } } });
    expect((await ask(key)).status).toBe(403);
    await change(path, { policy: null });
    expect((await ask(key)).status).toBe(200);
  });
});
