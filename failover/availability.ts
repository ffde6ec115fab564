/**
 * Decides: how many of many requests are answered when each of three targets fails now and then, each by
 * itself: 1, 3 and 5 % of the time.
 * Never: counts an answer that is not the whole text, and never repeats a request.
 */
import { startFaultUpstream } from "../test/support/fault-upstream.ts";
import { startGateway } from "../test/support/gateway.ts";
import { TEXT } from "../test/support/upstream-answer.ts";

export type Availability = {
  readonly asked: number;
  readonly answered: number;
  /** What went wrong, by status and error code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests that each target got. */
  readonly tries: Readonly<Record<string, number>>;
  readonly seconds: number;
};

/** Of a thousand requests to it, so many fail: which ones, a seed decides. */
const TARGETS = {
  first: "mishap-50-seed-1",
  second: "mishap-30-seed-2",
  third: "mishap-10-seed-3",
};
const AT_ONCE = 64;
const ORG = "availability";

export const measureAvailability = async (requests: number): Promise<Availability> => {
  const [upstream, gateway] = await Promise.all([
    startFaultUpstream(),
    startGateway({ secrets: { KEY: "sk-test" } }),
  ]);
  try {
    await gateway.putConfig({
      providers: Object.fromEntries(
        Object.keys(TARGETS).map((name) => [
          name,
          { kind: "openai", base_url: `${upstream.url}/v1`, api_key: { secret: "KEY" } },
        ]),
      ),
      models: Object.fromEntries(
        Object.entries(TARGETS).map(([name, conduct]) => [
          name,
          { provider: name, upstream: conduct },
        ]),
      ),
      fallbacks: { first: ["second", "third"] },
    });
    await gateway.makeOrg(ORG);
    const key = await gateway.makeKey(ORG);
    const began = performance.now();
    const outcomes = await askAll(gateway.url, key, requests);
    const seconds = (performance.now() - began) / 1_000;
    const answered = outcomes.filter((outcome) => outcome === "answered").length;
    const failures: Record<string, number> = {};
    for (const outcome of outcomes) {
      if (outcome !== "answered") failures[outcome] = (failures[outcome] ?? 0) + 1;
    }
    const tries = Object.fromEntries(
      Object.entries(TARGETS).map(([name, conduct]) => [name, upstream.to(conduct).length]),
    );
    return { asked: requests, answered, failures, tries, seconds };
  } finally {
    await Promise.all([gateway.dispose(), upstream.dispose()]);
  }
};

/** So many callers at once, each asking again as soon as it has its answer. */
const askAll = async (url: string, key: string, requests: number): Promise<readonly string[]> => {
  const outcomes: string[] = [];
  let left = requests;
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      outcomes.push(await ask(url, key));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  return outcomes;
};

type Body = {
  readonly choices?: readonly { readonly message: { readonly content: string } }[];
  readonly error?: { readonly code: string };
};

const ask = async (url: string, key: string): Promise<string> => {
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "first", messages: [{ role: "user", content: "hi" }] }),
    });
    const body = (await response.json()) as Body;
    if (response.ok && body.choices?.[0]?.message.content === TEXT) return "answered";
    return `${response.status} ${body.error?.code ?? "altered"}`;
  } catch {
    return "no answer";
  }
};
