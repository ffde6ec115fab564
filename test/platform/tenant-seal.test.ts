import { describe, expect, it } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { createOnceCrypto } from "../../src/platform/once-crypto.ts";
import { createPromptHash } from "../../src/platform/prompt-hash.ts";
import { createCacheCrypto } from "../../src/platform/response-cache-crypto.ts";
import { createTenantSeal } from "../../src/platform/tenant-seal.ts";

const MASTER = new Secret("master");
const TENANT = "acme0001";

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const NAME = "33e698cb0e6b6194e31cea9c540b81226eaa8758c3f448c68d693fb5963b2cc3";
const ANSWER = bytesOf(
  "019d5442d3cf3e07e07e7c3e46e1dfa4727e578833dcce19a1d7b192ce7a3c42e811a1122778520d92a712c2",
);
const RECORD = "556923803cd34263854431f09fd981fc244c5152588c6ee1df460f6c8e46db96";
const REQUEST = "badcf61937f788ce2ac22d63907272ff2c39af6041bdd272b1f9a9dd092f9a25";
const REPLY = bytesOf(
  `01908c7adfff6a57a4e659a9a23ce8b384166004103818b32b4089982032e7a01c79a25d574e36b70115bfffb7ce3b66bf7ac6eb
a4de7c72343840d33cae6984466b9c2c5dd7cfa008e15683d55c1577d6fde7e6ad9ac87e6a309045396e588391c02d6227e6cd9e`.replace(
    "\n",
    "",
  ),
);

// Literal values: what a deployment has stored is found and opened by the next one.
describe("what was stored once", () => {
  it("is found and opened as a kept answer", async () => {
    const { name, open } = createCacheCrypto(MASTER);
    expect(await name(TENANT, "what is asked")).toBe(NAME);
    expect(await open(TENANT, NAME, ANSWER)).toBe('{"answer":"42"}');
  });

  it("is found and opened as a kept reply", async () => {
    const { names, open } = createOnceCrypto(MASTER);
    const scope = { tenant: TENANT, team: "red" };
    expect(await names(scope, "order-1", "{}")).toEqual({ id: RECORD, fingerprint: REQUEST });
    const reply = await open(TENANT, RECORD, REPLY);
    expect(reply).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(new TextDecoder().decode(reply?.body)).toBe('{"ok":true}');
  });

  it("is found by the mark of its prompt", async () => {
    expect(await createPromptHash(MASTER)(TENANT, "hello")).toBe(
      "21b44bb4345361c1602e88dc72b8deec",
    );
  });
});

describe("what is sealed", () => {
  const BYTES = Uint8Array.of(1, 2, 3);

  it("opens in its own place, for its own tenant and purpose alone", async () => {
    const { seal, open } = createTenantSeal(MASTER, "cache");
    const sealed = await seal(TENANT, "name", BYTES);
    expect(await open(TENANT, "name", sealed)).toEqual(BYTES);
    expect(await open(TENANT, "other", sealed)).toBeUndefined();
    expect(await open("acme0002", "name", sealed)).toBeUndefined();
    expect(await createTenantSeal(MASTER, "idempotency").open(TENANT, "name", sealed)).toBe(
      undefined,
    );
    expect(await createTenantSeal(new Secret("other"), "cache").open(TENANT, "name", sealed)).toBe(
      undefined,
    );
  });

  it("is never the same twice", async () => {
    const { seal } = createTenantSeal(MASTER, "cache");
    expect(await seal(TENANT, "name", BYTES)).not.toEqual(await seal(TENANT, "name", BYTES));
  });
});
