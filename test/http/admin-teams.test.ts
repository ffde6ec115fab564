import { beforeAll, describe, expect, it } from "vitest";
import { adminPlane, type Plane } from "./admin-keys-support.ts";

let plane: Plane;
beforeAll(async () => {
  plane = await adminPlane();
  for (const org of ["a", "b"]) await plane.ask("POST", "/orgs", { id: org });
});

const fails = (status: number, code: string, param?: string) => ({
  status,
  body: { error: { code, ...(param !== undefined && { param }) } },
});

describe.each(["teams", "users"])("/orgs/:org/%s", (kind) => {
  it("makes, gives, changes and removes one of them", async () => {
    const path = `/orgs/a/${kind}`;
    const made = { id: "x", name: "X", policy: {} };
    expect(await plane.ask("POST", path, { id: "x", name: "X" })).toEqual({
      status: 201,
      body: made,
    });
    expect(await plane.ask("GET", `${path}/x`)).toEqual({ status: 200, body: made });
    expect((await plane.ask("GET", path)).body).toEqual({ data: [made], next_cursor: null });
    const renamed = await plane.ask("PATCH", `${path}/x`, { name: "Y" });
    expect(renamed).toEqual({ status: 200, body: { ...made, name: "Y" } });
    expect((await plane.ask("DELETE", `${path}/x`)).status).toBe(204);
    expect(await plane.ask("GET", `${path}/x`)).toMatchObject(fails(404, "not_found"));
  });

  it("lets the same id stand in two organisations", async () => {
    for (const org of ["a", "b"]) {
      expect((await plane.ask("POST", `/orgs/${org}/${kind}`, { id: "same" })).status).toBe(201);
    }
    expect(await plane.ask("POST", `/orgs/a/${kind}`, { id: "same" })).toMatchObject(
      fails(409, "already_exists", "id"),
    );
  });

  it("answers for another organisation's id as for one that does not exist", async () => {
    await plane.ask("POST", `/orgs/a/${kind}`, { id: "mine" });
    for (const [method, body] of [["GET"], ["PATCH", { name: "stolen" }], ["DELETE"]] as const) {
      const theirs = await plane.ask(method, `/orgs/b/${kind}/mine`, body);
      const nobodys = await plane.ask(method, `/orgs/b/${kind}/nobody`, body);
      expect(theirs).toMatchObject(fails(404, "not_found"));
      expect({ ...theirs.body.error, request_id: "" }).toEqual({
        ...nobodys.body.error,
        request_id: "",
      });
    }
    expect((await plane.ask("GET", `/orgs/a/${kind}/mine`)).body.name).toBe("mine");
  });

  it("answers 404 where there is no organisation", async () => {
    expect(await plane.ask("POST", `/orgs/none/${kind}`, {})).toMatchObject(
      fails(404, "not_found"),
    );
    expect(await plane.ask("GET", `/orgs/none/${kind}`)).toMatchObject(fails(404, "not_found"));
  });

  it("refuses what only an organisation has", async () => {
    expect(await plane.ask("POST", `/orgs/a/${kind}`, { location_hint: "weur" })).toMatchObject(
      fails(400, "unknown_field", "location_hint"),
    );
  });

  it("keeps one of them while a key belongs to it, unless ?cascade=true", async () => {
    await plane.ask("POST", `/orgs/a/${kind}`, { id: "held" });
    const { body } = await plane.ask("POST", "/keys", { org: "a", [kind.slice(0, -1)]: "held" });
    const path = `/orgs/a/${kind}/held`;
    expect(await plane.ask("DELETE", path)).toMatchObject(fails(409, "has_children"));
    expect((await plane.ask("DELETE", `${path}?cascade=true`)).status).toBe(204);
    expect((await plane.use(body.key)).status).toBe(401);
  });
});
