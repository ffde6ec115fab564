import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import shipped from "../../../headgate.config.json" with { type: "json" };
import { jsonSchema } from "../../../src/domain/config/json-schema.ts";
import { wholeConfig, withValue } from "./whole.ts";

const accepts = new Ajv2020({ strict: false }).compile(jsonSchema());

describe("the published schema", () => {
  it("accepts what is accepted", () => {
    expect(accepts(wholeConfig()), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts(shipped)).toBe(true);
  });

  it.each([
    ["surprise", 1],
    ["models.big.surprise", 1],
    ["models.big.price.above.surprise", 1],
    ["policy.limits.rules[0].surprise", 1],
    ["models.big.provider", undefined],
    ["models.a#b", { provider: "main" }],
    ["canaries[0].percent", 101],
    ["policy.limits.rules[0].level", "tag:A"],
    ["routes.clever.strategy", "random"],
  ])("refuses %s = %j as the gateway does", (path, value) => {
    expect(accepts(withValue(path, value))).toBe(false);
  });
});
