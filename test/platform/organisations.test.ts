import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createOrganisations, type OrganisationParts } from "../../src/platform/organisations.ts";
import { createVirtualTime } from "../support/virtual-time.ts";
import { roots } from "./keys-support.ts";

/** Organisations whose objects do with a change what the test says. */
const scene = (changed: () => Promise<void>) => {
  const clock = createVirtualTime();
  const calls: number[] = [];
  const object = {
    changed: () => {
      calls.push(clock.now());
      return changed();
    },
  };
  const namespace = { idFromName: (name: string) => name, get: () => object };
  const parts = {
    ...{ db: env.DB, queue: env.USAGE, masterKey: roots.masterKey, clock, random: () => 0.5 },
    ...{ incidents: { note: () => {} }, ended: () => {}, background: () => {} },
    ...{ namespace, shared: {} },
  } as unknown as OrganisationParts;
  const { tellTenant } = createOrganisations(parts);
  const tell = (): { said: string } => {
    const end = { said: "nothing" };
    void tellTenant("ten00001", [{ entity: "org", revision: 2 }]).then(
      () => Object.assign(end, { said: "taken" }),
      () => Object.assign(end, { said: "not taken" }),
    );
    return end;
  };
  return { clock, calls, tell };
};

describe("a change", () => {
  // Each of three tries waited for ten seconds.
  it("that an object does not answer is given up after ten seconds", async () => {
    const { clock, calls, tell } = scene(() => new Promise(() => {}));
    const end = tell();
    await clock.play(9_999);
    expect(end.said).toBe("nothing");
    await clock.play(1);
    expect(end.said).toBe("not taken");
    expect(calls).toHaveLength(1);
  });

  it("that an object refuses is told again, three times in all", async () => {
    const { clock, calls, tell } = scene(() => Promise.reject(new Error("no")));
    const end = tell();
    await clock.play(0);
    expect(end.said).toBe("not taken");
    expect(calls).toHaveLength(3);
  });

  it("is taken where a try gets through", async () => {
    let tries = 0;
    const { clock, tell } = scene(async () => {
      tries += 1;
      if (tries < 3) throw new Error("no");
    });
    const end = tell();
    await clock.play(0);
    expect(end.said).toBe("taken");
  });
});
