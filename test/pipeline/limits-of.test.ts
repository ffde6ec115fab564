import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../src/domain/config/snapshot.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { limitsOf } from "../../src/pipeline/limits-of.ts";
import type { Run } from "../../src/pipeline/run.ts";

const snapshotWith = (max: number): Snapshot =>
  ({
    policy: { limits: { mode: "on", rules: [{ unit: "requests", per: "minute", max }] } },
  }) as unknown as Snapshot;

const callerOf = (tags: Record<string, string> = {}): Caller =>
  ({ org: "acme", lineage: "k1", tags, levels: [] }) as unknown as Caller;

type Wish = { readonly tags?: Record<string, string>; readonly user?: string };

const run = (caller: Caller, { tags = {}, user }: Wish = {}, stream = false): Run =>
  ({
    ask: { caller, endpoint: "chat", controls: { tags: { ...tags, ...caller.tags }, user } },
    stream,
  }) as unknown as Run;

describe("the limits of a request", () => {
  const snapshot = snapshotWith(5);
  const caller = callerOf({ project: "search" });
  const before = limitsOf(snapshot, run(caller));

  it("are the very same list for a key's next request", () => {
    expect(before.map(({ max }) => max)).toEqual([5]);
    expect(limitsOf(snapshot, run(caller))).toBe(before);
  });

  it("are others for a stream, another end user, a tag of the request, another key and another version", () => {
    const others = [
      limitsOf(snapshot, run(caller, {}, true)),
      limitsOf(snapshot, run(caller, { user: "ann" })),
      limitsOf(snapshot, run(caller, { tags: { feature: "docs" } })),
      limitsOf(snapshot, run(callerOf())),
      limitsOf(snapshotWith(6), run(caller)),
    ];
    for (const other of others) expect(other).not.toBe(before);
    expect(others.at(-1)?.map(({ max }) => max)).toEqual([6]);
  });
});
