import { describe, expect, it } from "vitest";
import { addressChanges } from "../../../src/domain/config/address-changes.ts";
import type { Config } from "../../../src/domain/config/schema.ts";

const config = (...urls: readonly string[]): Config => ({
  providers: { p: { kind: "openai" } },
  models: {},
  alerts: { webhooks: urls.map((url) => ({ url, secret: { secret: "HOOK" } })) },
});

describe("a webhook", () => {
  const [one, two] = ["https://one.example.com/", "https://two.example.com/"];

  it("that nobody knew before is an address that only an owner may name", () => {
    expect(addressChanges(config(one), config(one, two))).toEqual(["alerts.webhooks[1].url"]);
    expect(addressChanges({ providers: {}, models: {} }, config(one))).toContain(
      "alerts.webhooks[0].url",
    );
  });

  it("may be left out, or stand elsewhere in the list", () => {
    expect(addressChanges(config(one, two), config(two))).toEqual([]);
    expect(addressChanges(config(one, two), config(two, one))).toEqual([]);
  });
});
