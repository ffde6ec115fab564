import { describe, expect, it } from "vitest";
import { addressChanges } from "../../../src/domain/config/address-changes.ts";
import type { Config } from "../../../src/domain/config/schema.ts";

const config = (...urls: readonly string[]): Config => ({
  providers: { p: { kind: "openai" } },
  models: {},
  alerts: { webhooks: urls.map((url) => ({ url, secret: { secret: "HOOK" } })) },
});

// A server of somebody's own could be sent any provider's key by whoever might change no address.
describe("a credential", () => {
  const named = (...names: readonly string[]) => names.map((secret) => ({ secret }));
  const at = (base_url: string | undefined, ...names: readonly string[]): Config => ({
    providers: {
      openai: { kind: "openai", api_key: { secret: "OPENAI" } },
      own: {
        kind: "openai",
        ...(base_url !== undefined && { base_url }),
        ...(names.length > 0 && { api_key: named(...names) }),
      },
    },
    models: {},
  });
  const SERVER = "https://models.example.com/v1";

  it.each([
    ["that another provider is sent", at(SERVER, "MINE"), at(SERVER, "MINE", "OPENAI")],
    ["that nobody was sent before", at(SERVER, "MINE"), at(SERVER, "OTHER")],
    ["where there was none", at(SERVER), at(SERVER, "OPENAI")],
  ])("%s is one that only an owner may send to a server of one's own", (_, before, after) => {
    expect(addressChanges(before, after)).toEqual(["providers.own.api_key"]);
  });

  it("may be left out, or stand elsewhere in the list, or once by itself", () => {
    const both = at(SERVER, "A", "B");
    expect(addressChanges(both, at(SERVER, "B", "A"))).toEqual([]);
    expect(addressChanges(both, at(SERVER, "B"))).toEqual([]);
    const own = { kind: "openai", base_url: SERVER, api_key: { secret: "A" } } as const;
    expect(addressChanges(both, { providers: { own }, models: {} })).toEqual([]);
  });

  it("may be any at the address that a kind of provider is known to have", () => {
    expect(addressChanges(at(undefined, "A"), at(undefined, "A", "B"))).toEqual([]);
  });
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
