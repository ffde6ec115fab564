import { describe, expect, it } from "vitest";
import { createSecrets, variablesOf } from "../../src/platform/env.ts";
import { missingRoots, rootsOf } from "../../src/platform/roots.ts";

const whole = { ADMIN_TOKEN: "a", KEY_PEPPER: "p", MASTER_KEY: "m" };

describe("missingRoots", () => {
  it.each([
    [whole, []],
    [{}, ["ADMIN_TOKEN", "KEY_PEPPER", "MASTER_KEY"]],
    [{ ...whole, ADMIN_TOKEN: "" }, ["ADMIN_TOKEN"]],
    [{ ...whole, KEY_PEPPER: " \n" }, ["KEY_PEPPER"]],
    [{ ...whole, MASTER_KEY: { get: () => "m" } }, ["MASTER_KEY"]],
  ])("of %j are %j, and then there are no roots", (env, missing) => {
    expect(missingRoots(env)).toEqual(missing);
    expect(rootsOf(env) === undefined).toBe(missing.length > 0);
  });
});

describe("rootsOf", () => {
  it("puts the pepper that new keys get before the previous one", () => {
    const roots = rootsOf({ ...whole, KEY_PEPPER_PREVIOUS: "old" });
    expect(roots?.peppers.map((pepper) => pepper.reveal())).toEqual(["p", "old"]);
    expect(rootsOf({ ...whole, KEY_PEPPER_PREVIOUS: "" })?.peppers).toHaveLength(1);
  });
});

describe("createSecrets", () => {
  const secrets = createSecrets({ ...whole, KEY_PEPPER_PREVIOUS: "o", OPENAI: "sk", EMPTY: "" });

  it("gives a secret by its name, wrapped", () => {
    expect(secrets.get("OPENAI")?.reveal()).toBe("sk");
  });

  it.each([
    "ADMIN_TOKEN",
    "KEY_PEPPER",
    "KEY_PEPPER_PREVIOUS",
    "MASTER_KEY",
    "EMPTY",
    "NONE",
    "toString",
    "__proto__",
  ])("gives nothing for %s", (name) => {
    expect(secrets.get(name)).toBeUndefined();
  });
});

describe("variablesOf", () => {
  it.each([
    [{}, { allowPrivateUpstreams: false, allowedHosts: undefined }],
    [{ ALLOW_PRIVATE_UPSTREAMS: "1" }, { allowPrivateUpstreams: false }],
    [{ ALLOW_PRIVATE_UPSTREAMS: "true" }, { allowPrivateUpstreams: true }],
    [
      { ALLOWED_HOSTS: "A.example, b.example:8443," },
      { allowedHosts: ["a.example", "b.example:8443"] },
    ],
    [{ ALLOWED_HOSTS: " , " }, { allowedHosts: undefined }],
  ])("reads %j", (env, read) => {
    expect(variablesOf(env)).toMatchObject(read);
  });
});
