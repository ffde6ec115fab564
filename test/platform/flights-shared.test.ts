import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  ALL,
  clock,
  type Fault,
  flierFor,
  followed,
  frame,
  live,
  pair,
  pause,
  streamed,
  TARGET,
  world,
} from "./flights-world.ts";

describe("an answer that somebody in another isolate follows", () => {
  it("reaches him as it comes, to its end", async () => {
    expect(await streamed()).toEqual(["over", ALL]);
  });

  it("reaches him as far as it came, where it breaks off", async () => {
    expect(await streamed({}, "lost")).toEqual(["lost", ALL]);
  });

  const evict: Fault = (name) => evictDurableObject(env.FLIGHT.getByName(name));
  const abort: Fault = async (name) => {
    const stub = env.FLIGHT.getByName(name);
    await runInDurableObject(stub, (_, state) => state.abort()).catch(() => undefined);
  };
  const fail: Fault = () => Promise.reject(new Error("lost on the way"));
  const CALLS = [1, 2, 3, 5, 8];
  it.each([
    ["the object is moved before", "before", evict],
    ["the object is moved after", "after", evict],
    ["the object is ended before", "before", abort],
    ["the object is ended after", "after", abort],
    ["nothing arrives of", "before", fail],
    ["nothing comes back of", "after", fail],
  ] as const)("reaches him whole and once where %s any one call", async (_, when, fault) => {
    const told = await Promise.all(
      CALLS.map((hit) =>
        streamed({ [when]: async (name: string, at: number) => at === hit && fault(name, at) }),
      ),
    );
    expect(told).toEqual(CALLS.map(() => ["over", ALL]));
  });

  it("reaches him also where it was over before anybody knew of him", async () => {
    const { lead, following, told, over } = await pair();
    const got = followed(following);
    const text = '{"choices":[]}';
    const answer = { kind: "whole", text, json: {} } as const;
    lead.show({ target: TARGET, passes: true, dropped: [], answer });
    told();
    lead.end("over");
    await over();
    expect(await got).toEqual(["over", text]);
  });

  it("is not told where nobody follows", async () => {
    const { isolate, calls, board, over } = world();
    const here = isolate();
    const flier = flierFor("lonely");
    const lead = here.lead("lonely");
    await here.meet(flier, undefined);
    lead.announced(flier);
    lead.asking();
    await pause(400);
    lead.show(live([frame("a")]));
    lead.end("over");
    here.told(flier.id, board.ended([flier.id]).length > 0);
    await over();
    expect(calls()).toBe(0);
  });

  it("is lost to him whose configuration means something else by the model", async () => {
    const { here, there, lead, ahead, behind, told } = await pair();
    const other = await there.joinElsewhere(behind, ahead.id, () => undefined);
    const got = followed(other);
    lead.show(live([frame("a")]));
    lead.end("over");
    told();
    expect(await got).toEqual(["lost", ""]);
    expect(here.join("nothing")).toBeUndefined();
  });

  it("is not that of another name, whatever lies in its place", async () => {
    const { there, lead, ahead, told } = await pair();
    const other = await there.joinElsewhere(flierFor("another"), ahead.id, () => TARGET);
    const got = followed(other);
    lead.show(live([frame("a")]));
    lead.end("over");
    told();
    expect(await got).toEqual(["lost", ""]);
  });

  it("is given up when its isolate says nothing any more, and one of those left goes ahead", async () => {
    const { isolate } = world();
    const [one, other] = [isolate(), isolate()];
    const name = `flight ${crypto.randomUUID()}`;
    const gone = flierFor(name);
    await one.meet(gone, undefined);
    const left = [flierFor(name), flierFor(name)];
    const states = left.map(async (flier) => {
      const found = await other.meet(flier, undefined);
      const following = await other.joinElsewhere(flier, found ?? "", () => TARGET);
      const [state] = await followed(following);
      return [state, await other.meet(flier, following.ahead())];
    });
    const [first, second] = await Promise.all(states);
    expect([first?.[0], second?.[0]]).toEqual(["lost", "lost"]);
    expect(first?.[1]).toBe(second?.[1]);
    expect(left.map(({ id }) => id)).toContain(first?.[1]);
  });

  it("is not kept alive by another request of its isolate when the runtime has ended its own", async () => {
    const { board, isolate } = world();
    let timers = 0;
    const { lead } = isolate({
      ...clock,
      // The first timer is that of the one who is gone.
      after: (ms, run) => {
        timers += 1;
        const isHis = timers === 1;
        return clock.after(ms, () => (isHis ? undefined : run()));
      },
    });
    const [gone, alive] = [flierFor("gone"), flierFor("alive")];
    const leads = [gone, alive].map((flier) => {
      board.seen(flier.name, flier.id, clock.now());
      const each = lead(flier.name);
      each.announced(flier);
      return each;
    });
    await pause(7_000);
    expect(board.meet(alive.name, "new", undefined, clock.now())).toBe(alive.id);
    expect(board.meet(gone.name, "new", undefined, clock.now())).toBe("new");
    for (const each of leads) each.end("lost");
  });

  it("is waited for no longer when one's own caller leaves", async () => {
    const { following } = await pair();
    const leaving = new AbortController();
    const waiting = following.next(leaving.signal);
    leaving.abort();
    await waiting;
    expect(following.state()).toBe("asking");
  });
});
