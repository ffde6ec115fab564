import { setTimeout as pause } from "node:timers/promises";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultUpstream, startFaultUpstream } from "../support/fault-upstream.ts";
import { expectAtRest } from "../support/ledger.ts";
import { startTwoIsolates, type TwoIsolates } from "../support/two-isolates.ts";
import { TEXT } from "../support/upstream-answer.ts";
import { configFor, PROVIDER_SECRETS, PROVIDERS } from "../support/upstream-config.ts";

const SLOW = "slow-headers-1500";
const QUICK = "slow-headers-100";
const PACED = "ok-pace-40";
const LONG = "ok-pace-80";
const BREAKS = "cut-after-20-once-pace-60";
/** Goes on at another model. */
const SAVED = "cut-after-20-once-pace-61";
const HELPS = "ok-pace-30";
/** Late enough that all have come by then. */
const FAILS = "silent-for-500-once";

let upstream: FaultUpstream;
let both: TwoIsolates;
beforeAll(async () => {
  [upstream, both] = await Promise.all([startFaultUpstream(), startTwoIsolates(PROVIDER_SECRETS)]);
  await both.putConfig(
    configFor(upstream, [SLOW, QUICK, PACED, LONG, BREAKS, SAVED, HELPS, FAILS, "ok"], {
      resilience: { max_retries: 0 },
      fallbacks: { [`openai-${SAVED}`]: [`openai-${HELPS}`] },
    }),
  );
});
afterAll(async () => {
  await Promise.all([both?.dispose(), upstream?.dispose()]);
});

let made = 0;
const freshKey = async (more: object = {}): Promise<string> => {
  made += 1;
  await both.makeOrg(`flight-${made}`, { cache: { mode: "on" }, ...more });
  return both.makeKey(`flight-${made}`);
};
const sentTo = (name: string): number => upstream.to(name).length;
type Told = { readonly text: string; readonly cache: string | null };
type Asking = { readonly signal?: AbortSignal | null; readonly headers?: Record<string, string> };

const asked = async (
  url: string,
  apiKey: string,
  model: string,
  stream: boolean,
  { signal = null, headers = {} }: Asking = {},
): Promise<Told> => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  const messages = [{ role: "user", content: "What is a gateway?" }] as const;
  const body = { ...{ model, temperature: 0 }, messages: [...messages] };
  if (!stream) {
    const { data, response } = await client.chat.completions
      .create(body, { headers })
      .withResponse();
    const text = data.choices[0]?.message.content ?? "";
    return { text, cache: response.headers.get("x-headgate-cache") };
  }
  const { data, response } = await client.chat.completions
    .create({ ...body, stream: true }, { signal, headers })
    .withResponse();
  let text = "";
  for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? "";
  return { text, cache: response.headers.get("x-headgate-cache") };
};

const together = (
  key: string,
  model: string,
  count: number,
  streamed: (at: number) => boolean,
  gapMs = 0,
  provider = "openai",
): Promise<Told[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, at) => {
      await pause(at * gapMs);
      return asked(at % 2 === 0 ? both.url : both.other, key, `${provider}-${model}`, streamed(at));
    }),
  );
const callsIn = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
  // Until the end of whatever was before is told; and of this.
  await pause(300);
  const before = await both.calls();
  await work();
  await pause(300);
  const after = Object.entries(await both.calls());
  const more = after.map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
};

describe("equal requests in two isolates", () => {
  it("are one call, a hundred whole answers at once", async () => {
    const answers = await together(await freshKey(), SLOW, 100, () => false);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([TEXT]));
    expect(sentTo(SLOW)).toBe(1);
    expect(answers.filter(({ cache }) => cache === "miss")).toHaveLength(1);
  });

  it("are one call, streams that come while it is told", async () => {
    const answers = await together(await freshKey(), PACED, 20, () => true, 40);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([TEXT]));
    expect(sentTo(PACED)).toBe(1);
    expect(answers.filter(({ cache }) => cache === "miss")).toHaveLength(1);
  });

  it.each(PROVIDERS)("are one call in two forms, whichever comes first (%s)", async (provider) => {
    const before = [sentTo(SLOW), sentTo(PACED)];
    const [first, second] = await Promise.all([
      together(await freshKey(), PACED, 8, (at) => at % 3 === 0, 20, provider),
      together(await freshKey(), SLOW, 8, (at) => at % 3 === 1, 20, provider),
    ]);
    expect(new Set([...first, ...second].map(({ text }) => text))).toEqual(new Set([TEXT]));
    expect([sentTo(SLOW), sentTo(PACED)]).toEqual(before.map((count) => count + 1));
  });

  it("are one call that is over before it is told elsewhere that somebody follows", async () => {
    const key = await freshKey();
    const answers = await together(key, QUICK, 2, () => false, 40);
    expect(answers.map(({ cache }) => cache).toSorted()).toEqual(["hit", "miss"]);
    expect(sentTo(QUICK)).toBe(1);
  });

  it("hold what one costs, however many there are", async () => {
    const before = sentTo(SLOW);
    // Two would not fit.
    const rules = [{ unit: "tokens", per: "minute", max: 6_000 }];
    const key = await freshKey({ limits: { mode: "on", reserve: "strict", rules } });
    const answers = await together(key, SLOW, 20, () => false);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([TEXT]));
    expect(sentTo(SLOW) - before).toBe(1);
  });

  it("of two organisations are two", async () => {
    const before = sentTo(SLOW);
    await Promise.all([
      asked(both.url, await freshKey(), `openai-${SLOW}`, false),
      asked(both.other, await freshKey(), `openai-${SLOW}`, false),
    ]);
    expect(sentTo(SLOW) - before).toBe(2);
  });

  // One isolate may hear of the failure when the other has its answer already, and is over.
  it("go on, one of an isolate for all of it, when the one who asks is refused an answer", async () => {
    const key = await freshKey();
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) =>
        asked(at % 2 === 0 ? both.url : both.other, key, `openai-${FAILS}`, false),
      ),
    );
    expect(answers.filter(({ status }) => status === "rejected").length).toBeLessThanOrEqual(1);
    expect([2, 3]).toContain(sentTo(FAILS));
  });

  it("go on from where they are when the stream of the one who asks breaks off, one of them for all", async () => {
    const answers = await together(await freshKey(), SAVED, 10, () => true, 30);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([TEXT]));
    expect([sentTo(SAVED), sentTo(HELPS)]).toEqual([1, 1]);
  });

  it("go on without the one who asks where he has nobody else to ask, one of them for all", async () => {
    const key = await freshKey();
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, at) => {
        await pause(at * 30);
        return asked(at % 2 === 0 ? both.url : both.other, key, `openai-${BREAKS}`, true);
      }),
    );
    const told = answers.flatMap((each) => (each.status === "fulfilled" ? [each.value.text] : []));
    expect(told).toEqual(Array(9).fill(TEXT));
    expect(sentTo(BREAKS)).toBe(2);
  });
});

describe("a crowd in two isolates that comes and leaves", () => {
  it("is told the whole answer by a few calls, and leaves nothing held", async () => {
    const rules = [{ unit: "concurrent", max: 1_000 }];
    const key = await freshKey({ limits: { mode: "on", rules } });
    const before = sentTo(PACED);
    const told = await Promise.all(
      Array.from({ length: 150 }, async (_, at) => {
        await pause((at * 37) % 4_000);
        const leaves = at % 3 === 0 ? AbortSignal.timeout((at * 53) % 1_500) : null;
        const url = at % 2 === 0 ? both.url : both.other;
        const asking = asked(url, key, `openai-${PACED}`, true, { signal: leaves });
        const text = await asking.then((answer) => answer.text, String);
        // Whoever has left has a part of it.
        return leaves?.aborted === true ? TEXT : text;
      }),
    );
    expect(new Set(told)).toEqual(new Set([TEXT]));
    expect(sentTo(PACED) - before).toBeLessThan(10);
    await expectAtRest(both, `flight-${made}`);
    expect(both.logs.filter((line) => /hung|cross-request/i.test(line))).toEqual([]);
  });
});

describe("a request that nobody follows", () => {
  it("asks no object more than one that may not be shared", async () => {
    const key = await freshKey();
    await asked(both.other, key, "openai-ok", false);
    const shared = await callsIn(() => asked(both.other, key, "anthropic-ok", true));
    await both.makeOrg("uncached");
    const plain = await both.makeKey("uncached");
    await asked(both.other, plain, "openai-ok", false);
    const own = await callsIn(() => asked(both.other, plain, "anthropic-ok", true));
    expect(shared).toEqual(own);
  });

  it("says once a second that it goes ahead where it takes long, and makes no object of its own", async () => {
    const key = await freshKey();
    const calls = await callsIn(() => asked(both.other, key, `openai-${SLOW}`, false));
    expect(calls["flightsSeen"]).toBeGreaterThanOrEqual(1);
    expect(calls["flightsSeen"]).toBeLessThanOrEqual(3);
    expect(calls).not.toHaveProperty("tell");
    expect(calls).not.toHaveProperty("more");
  });
});

describe("a kept answer", () => {
  it("is given by the other isolate, which never had it", async () => {
    const key = await freshKey();
    const first = await asked(both.url, key, "openai-ok", false);
    const headers = { "x-headgate-cache": "only" };
    const elsewhere = () => asked(both.other, key, "openai-ok", false, { headers });
    await expect.poll(elsewhere).toEqual({ ...first, cache: "hit" });
  });
});

// The last one: nothing reaches the second isolate any more.
describe("the isolate of the one who asks", () => {
  it("is gone in the middle of a stream: another goes on, without a character twice or missing", async () => {
    const key = await freshKey();
    const ahead = asked(both.other, key, `openai-${LONG}`, true);
    await pause(1_000);
    const behind = Array.from({ length: 5 }, () => asked(both.url, key, `openai-${LONG}`, true));
    await pause(2_000);
    await both.cut();
    const told = await Promise.all(behind);
    expect(told.map(({ text }) => text)).toEqual(Array(5).fill(TEXT));
    // His caller has his answer all the same; of those who were left one has asked.
    expect((await ahead).text).toBe(TEXT);
    expect(sentTo(LONG)).toBe(2);
    expect(both.logs.filter((line) => /hung|cross-request/i.test(line))).toEqual([]);
  });
});
