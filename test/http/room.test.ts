import { describe, expect, it, vi } from "vitest";
import { TIMEOUTS } from "../../src/domain/config/defaults.ts";
import type { RequestRecord } from "../../src/domain/record.ts";
import { callModel, type Door } from "../../src/http/read-ask.ts";
import { createRoom } from "../../src/http/room.ts";
import type { Reply } from "../../src/pipeline/ask.ts";
import type { Deps } from "../../src/ports.ts";
import { KEY, testDoor } from "./door.ts";

const MIB = 1024 * 1024;
const large = (mib: number): string => `{"x":"${"A".repeat(mib * MIB)}"}`;
const WHOLE: Reply = { ok: true, status: 200, headers: {}, body: "{}" };

const doorFor = (run: Door["run"]) => {
  const handle = callModel({ endpoint: "chat", dialect: "openai-chat", run });
  const auth = { class: "data", scope: "chat" } as const;
  const path = "/v1/chat/completions";
  return testDoor({ routes: [{ method: "POST", path, auth, errors: "openai", handle }] });
};

/** A door behind which requests wait until they are let go. */
const waiting = () => {
  const going: ((reply: Reply) => void)[] = [];
  const deps: Deps[] = [];
  const door = doorFor((given) => {
    deps.push(given);
    return new Promise((resolve) => going.push(resolve));
  });
  return { door, deps, going };
};

const isRefused = async (response: Response): Promise<void> => {
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("2");
  expect(await response.json()).toMatchObject({ error: { code: "shedding", retryable: true } });
};

describe("F59 a large body beside another one", () => {
  it("is refused while there is no room for both, and a small one is not", async () => {
    const { door, going } = waiting();
    const first = door.post(large(20));
    await expect.poll(() => going.length).toBe(1);
    await isRefused(await door.post(large(20)));
    const chunks = new Response(large(20)).body;
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    const path = "/v1/chat/completions";
    await isRefused(await door.call(path, { method: "POST", headers, body: chunks }));
    const small = door.post({ x: "y" });
    await expect.poll(() => going.length).toBe(2);
    for (const go of going.splice(0)) go(WHOLE);
    expect([(await first).status, (await small).status]).toEqual([200, 200]);
    const next = door.post(large(20));
    await expect.poll(() => going.length).toBe(1);
    going[0]?.(WHOLE);
    expect((await next).status).toBe(200);
  });

  it("is not kept out by one that is only announced", async () => {
    const { door, going } = waiting();
    const headers = {
      ...{ authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      "content-length": String(20 * MIB),
    };
    const body = new ReadableStream<Uint8Array>();
    const announced = door.call("/v1/chat/completions", { method: "POST", headers, body });
    const next = door.post(large(20));
    await expect.poll(() => going.length).toBe(1);
    going[0]?.(WHOLE);
    expect((await next).status).toBe(200);
    door.timers.fire();
    expect((await announced).status).toBe(408);
  });

  it("is refused until the answer of the other one has ended, where that streams", async () => {
    const { door, deps, going } = waiting();
    const first = door.post(large(20));
    await expect.poll(() => going.length).toBe(1);
    going[0]?.({ ...WHOLE, body: new ReadableStream({ start: (made) => made.close() }) });
    expect((await first).status).toBe(200);
    await isRefused(await door.post(large(20)));
    deps[0]?.telemetry.finished({} as RequestRecord);
    const next = door.post(large(20));
    await expect.poll(() => going.length).toBe(2);
    going[1]?.(WHOLE);
    expect((await next).status).toBe(200);
  });

  // Who followed another run by its Idempotency-Key kept others out for ten minutes.
  it("leaves no trace when it is given the stream of another run", async () => {
    const { door, going } = waiting();
    for (const time of [1, 2]) {
      const given = door.post(large(20));
      await expect.poll(() => going.length).toBe(time);
      const body = new ReadableStream<Uint8Array>({ start: (made) => made.close() });
      going[time - 1]?.({ ...WHOLE, headers: { "idempotent-replayed": "true" }, body });
      expect((await given).status).toBe(200);
    }
  });

  it("leaves no trace when it is refused, or when there is a bug", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const door = doorFor(() => Promise.reject(new Error("a bug")));
    for (let time = 0; time < 2; time += 1) {
      expect((await door.post(`${large(20)}!`)).status).toBe(400);
      expect((await door.post(large(20))).status).toBe(500);
    }
  });
});

describe("the room for large bodies", () => {
  it("is taken no longer than a request lasts, whether or not anybody tells of its end", () => {
    const room = createRoom();
    const [lost, next] = [{}, {}];
    expect(room.hold(lost, 20 * MIB, 0)).toBe(true);
    expect(room.hold(next, 20 * MIB, TIMEOUTS.total_ms)).toBe(false);
    expect(room.hold(next, 20 * MIB, TIMEOUTS.total_ms + 1)).toBe(true);
    expect([room.has(lost), room.has(next)]).toEqual([false, true]);
  });

  it("is left to the other one where two grow together", () => {
    const room = createRoom();
    const [one, other] = [{}, {}];
    for (const whose of [one, other]) expect(room.hold(whose, 16 * MIB, 0)).toBe(true);
    expect(room.hold(one, 17 * MIB, 0)).toBe(false);
    expect(room.hold(other, 20 * MIB, 0)).toBe(true);
  });

  it("is 32 MiB, of one that grows as much as has come of it", () => {
    const room = createRoom();
    const whose = {};
    for (const mib of [1, 2, 20, 25]) expect(room.hold(whose, mib * MIB, 0)).toBe(true);
    expect(room.hold({}, 7 * MIB, 0)).toBe(true);
    expect(room.hold({}, MIB, 0)).toBe(true);
    expect(room.hold({}, MIB + 1, 0)).toBe(false);
    room.free(whose);
    expect(room.hold({}, 25 * MIB, 0)).toBe(true);
  });
});
