import { afterAll, beforeAll, expect, it } from "vitest";
import { startTwoIsolates, type TwoIsolates } from "../support/two-isolates.ts";

const KEYS = 20;
const SOON = { timeout: 10_000 };
const BODY = JSON.stringify({ model: "demo", messages: [{ role: "user", content: "hi" }] });
const RULE = { unit: "requests", per: "day", max: 1_000_000 };

type Key = { readonly id: string; readonly key: string };
type Answer = { readonly status: number; readonly begunAt: number };

let isolates: TwoIsolates;
beforeAll(async () => {
  isolates = await startTwoIsolates({});
  await isolates.putConfig({
    providers: { demo: { kind: "demo" } },
    models: { demo: { provider: "demo" } },
  });
});
afterAll(() => isolates?.dispose());

/** An organisation with one limit for all of its keys. */
const makeKeys = async (org: string): Promise<readonly Key[]> => {
  await isolates.makeOrg(org, { limits: { mode: "on", rules: [RULE] } });
  const keys: Key[] = [];
  while (keys.length < KEYS) {
    keys.push((await isolates.adminJson("POST", "/keys", { org })) as unknown as Key);
  }
  return keys;
};

/** One request to the second isolate. */
const ask = async ({ key }: Key): Promise<Answer> => {
  const begunAt = Date.now();
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const url = `${isolates.other}/v1/chat/completions`;
  const { status, body } = await fetch(url, { method: "POST", headers, body: BODY });
  await body?.cancel();
  return { status, begunAt };
};

const admissions = async (): Promise<number> => (await isolates.calls())["admit"] ?? 0;

it("keys that are busy together ask the object once each", async () => {
  const keys = await makeKeys("together");
  const round = async (): Promise<number> => {
    const before = await admissions();
    const answers = await Promise.all(keys.map(ask));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    return (await admissions()) - before;
  };
  expect(await round()).toBe(KEYS);
  await expect.poll(round, SOON).toBe(0);
});

it("a revoked key is admitted nowhere after the answer, though others go on out of blocks", async () => {
  const [revoked, ...others] = await makeKeys("apart");
  if (revoked === undefined) throw new Error("no keys");
  let isOver = false;
  const answers: Answer[] = [];
  const ofOthers: Answer[] = [];
  const load = Promise.all(
    [revoked, ...others.slice(0, 3)].map(async (key) => {
      const into = key === revoked ? answers : ofOthers;
      while (!isOver) into.push(await ask(key));
    }),
  );
  await expect.poll(() => answers.length, SOON).toBeGreaterThan(30);
  expect((await isolates.admin("DELETE", `/keys/${revoked.id}`)).status).toBe(204);
  const toldAt = Date.now();
  const since = ({ begunAt }: Answer): boolean => begunAt > toldAt;
  await expect.poll(() => ofOthers.filter(since).length, SOON).toBeGreaterThan(100);
  isOver = true;
  await load;
  expect(new Set(answers.filter(since).map(({ status }) => status))).toEqual(new Set([401]));
  expect(new Set(ofOthers.map(({ status }) => status))).toEqual(new Set([200]));
});
