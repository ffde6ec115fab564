import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { adminPlane } from "./admin-keys-support.ts";

const rows = async () =>
  (
    await env.DB.prepare("SELECT actor, target FROM audit WHERE action = 'access.refused'").all<{
      actor: string;
      target: string;
    }>()
  ).results;

describe("a valid key on the other plane", () => {
  it("is refused and put on record once a minute", async () => {
    const plane = await adminPlane();
    const org = "trespass";
    await plane.ask("POST", "/orgs", { id: org });
    const { id, key } = (await plane.ask("POST", "/keys", { org })).body as {
      id: string;
      key: string;
    };
    for (let again = 0; again < 3; again += 1) {
      expect((await plane.ask("GET", "/keys", undefined, key)).status).toBe(403);
    }
    await expect.poll(rows).toEqual([{ actor: id, target: "/admin/v1/keys" }]);
  });
});
