import { describe, expect, it, vi } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { createPromptHash } from "../../src/platform/prompt-hash.ts";

describe("the mark of a prompt", () => {
  const mark = createPromptHash(new Secret("master"));

  it("is the same for the same prompt of one tenant, in every isolate", async () => {
    const again = createPromptHash(new Secret("master"));
    expect(await mark("tenant00", "hi")).toBe(await again("tenant00", "hi"));
    expect(await mark("tenant00", "hi")).toMatch(/^[0-9a-f]{32}$/);
  });

  it("differs by prompt, tenant and root secret", async () => {
    const other = createPromptHash(new Secret("other"));
    const marks = await Promise.all([
      mark("tenant00", "hi"),
      mark("tenant00", "ho"),
      mark("tenant01", "hi"),
      other("tenant00", "hi"),
    ]);
    expect(new Set(marks).size).toBe(4);
  });

  // A key in the making was shared by all of a tenant's requests, and one that had failed was kept for good.
  it("waits for no other request's key, and is there again after one that failed", async () => {
    const fresh = createPromptHash(new Secret("master"));
    const making = vi.spyOn(crypto.subtle, "importKey");
    try {
      making.mockReturnValueOnce(new Promise(() => {}) as never);
      void fresh("tenant00", "hi");
      await vi.waitFor(() => expect(making).toHaveBeenCalled());
      making.mockRejectedValueOnce(new Error("gone"));
      await expect(fresh("tenant00", "hi")).rejects.toThrow("gone");
      expect(await fresh("tenant00", "hi")).toBe(await mark("tenant00", "hi"));
    } finally {
      making.mockRestore();
    }
  });
});
