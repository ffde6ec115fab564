import { describe, expect, it } from "vitest";
import shipped from "../../../headgate.config.json" with { type: "json" };
import { compile } from "../../../src/domain/config/snapshot.ts";
import { parseConfig } from "../../../src/domain/config/validate.ts";
import { warningsFor } from "../../../src/domain/config/warnings.ts";

describe("the configuration that is shipped", () => {
  const parsed = parseConfig(shipped, { allowPrivate: false });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const snapshot = compile(parsed.value, { version: 0, table: () => undefined });

  it("serves the demo models for nothing, and gives no reason to warn", () => {
    expect(snapshot.defaultModel).toBe("demo");
    expect([...snapshot.targets.keys()]).toEqual(["demo", "demo-embedding"]);
    for (const target of snapshot.targets.values()) {
      expect([target.kind, target.price]).toEqual(["demo", { input: 0, output: 0 }]);
    }
    expect(warningsFor(snapshot, () => false)).toEqual([]);
  });
});
