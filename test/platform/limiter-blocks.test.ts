import { describe, expect, it } from "vitest";
import { ok } from "../../src/base/result.ts";
import { NO_COST } from "../../src/domain/limit.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import { createBlocks } from "../../src/platform/limiter-blocks.ts";
import { principalOf } from "../../src/platform/limiter-principal.ts";
import type { DrawCall, OrganisationCalls } from "../../src/platform/objects/organisation-calls.ts";
import type { Reach } from "../../src/platform/organisation-reach.ts";
import type { Admission } from "../../src/policy/limits/admission.ts";
import { LEASE_MS } from "../../src/policy/limits/times.ts";
import { createVirtualTime } from "../support/virtual-time.ts";
import { rowOf } from "./organisation-world.ts";

const callerOf = (key: string, more: Partial<Caller> = {}): Caller => ({
  ...{ org: "acme", tenant: "ten00001", key, lineage: key, revisions: { key: 1, org: 1 } },
  ...{ keyName: undefined, team: undefined, user: undefined, expiresAt: undefined },
  ...{ locationHint: undefined, scopes: new Set(), tags: {}, policies: [], levels: [] },
  ...more,
});
const BUSY = callerOf("busy");
const SLOW = callerOf("slow");

/** An isolate with a block that a busy key has asked for, of the edition "first". */
const stage = async () => {
  const time = createVirtualTime();
  const returned: DrawCall[] = [];
  const asked: string[] = [];
  let edition = "first";
  const near = { requests: undefined, tokens: undefined };
  const object = {
    lease: async ({ principal }) => {
      asked.push(principal.key);
      return { cost: { ...NO_COST, requests: 100 }, ...near, edition };
    },
    giveBack: async (_, running) => void returned.push(...running),
  } as Pick<OrganisationCalls, "lease" | "giveBack"> as OrganisationCalls;
  const reach = (async (_, ask) => ok(await ask(object))) as Reach<OrganisationCalls>;
  const blocks = createBlocks({ reach, clock: time, background: () => {}, principalOf });
  let count = 0;
  const admit = (caller: Caller) => {
    count += 1;
    const options = [
      { model: "m", cost: { ...NO_COST, requests: 1 }, floor: { tokens: 0, nanoUsd: 0 } },
    ] as const;
    const ways = [{ from: 0, options }] as const;
    const deadline = time.now() + 30_000;
    const admission: Admission = { id: `r${count}`, rules: [], ways, deadline };
    return blocks.admit(caller, admission, rowOf(admission.id))?.ok === true;
  };
  const heat = async (caller: Caller): Promise<void> => {
    for (let at = 0; at < 12; at += 1) admit(caller);
    await time.play(0);
  };
  await heat(BUSY);
  const change = (to: string): void => {
    edition = to;
  };
  return { time, blocks, admit, heat, change, returned, asked };
};

describe("a block", () => {
  it("is asked for once by keys that are slow by themselves and busy together", async () => {
    const { time, admit, asked } = await stage();
    await time.play(2 * LEASE_MS);
    for (let at = 0; at < 12; at += 1) admit(callerOf(`k${at}`));
    await time.play(0);
    expect(asked).toEqual(["busy", "k9"]);
  });

  it("admits a key of which the object has said that it is live, whoever asked for it", async () => {
    const { blocks, admit } = await stage();
    expect(admit(SLOW)).toBe(false);
    blocks.judged(SLOW, "first");
    expect(admit(SLOW)).toBe(true);
  });

  it("admits no key of another organisation", async () => {
    const { blocks, admit } = await stage();
    const stranger = callerOf("stranger", { tenant: "ten00002" });
    blocks.judged(stranger, "first");
    expect(admit(stranger)).toBe(false);
  });

  it("admits no key that was judged before something changed, until it has been judged anew", async () => {
    const { time, blocks, admit, heat, change } = await stage();
    blocks.judged(SLOW, "first");
    change("second");
    await time.play(LEASE_MS);
    await heat(BUSY);
    expect([admit(BUSY), admit(SLOW)]).toEqual([true, false]);
    blocks.judged(SLOW, "second");
    expect(admit(SLOW)).toBe(true);
  });

  it("admits no key by an older record than the one that was judged", async () => {
    const { blocks, admit } = await stage();
    blocks.judged({ ...SLOW, revisions: { key: 2, org: 1 } }, "first");
    expect(admit(SLOW)).toBe(false);
    expect(admit({ ...SLOW, revisions: { key: 2, org: 2 } })).toBe(true);
  });

  it("is given back with each request under the key that made it", async () => {
    const { time, blocks, admit, returned } = await stage();
    blocks.judged(SLOW, "first");
    admit(BUSY);
    admit(SLOW);
    await time.play(2 * LEASE_MS);
    expect(returned.map(({ lineage, drawn }) => [lineage, drawn.owner])).toEqual([
      ["busy", "busy"],
      ["slow", "busy"],
    ]);
  });
});
