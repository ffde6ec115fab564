/**
 * Decides: what an end-to-end test stands on: the served gateway, the test upstream behind it as three
 * providers, and official clients with a key.
 * Never: gives a client a setting that a caller would not give it, but for fewer retries; or ends well where a part
 * of a secret was logged (bars.md P17).
 */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { type FaultUpstream, startFaultUpstream } from "./fault-upstream.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { makeCountedKey } from "./ledger.ts";
import { configFor, PROVIDER_SECRETS } from "./upstream-config.ts";

export type Journey = {
  readonly gateway: Gateway;
  readonly upstream: FaultUpstream;
  readonly key: string;
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  /** A bare call of the data plane with the key. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  dispose(): Promise<void>;
};

export type JourneyOptions = {
  /** What the upstream's models are called and therefore do (upstream-conduct.ts). */
  readonly models?: readonly string[];
  /** More sections of the configuration; they may have to know where the upstream stands. */
  readonly config?:
    | Record<string, unknown>
    | ((upstream: FaultUpstream) => Record<string, unknown>);
  /** Money, tokens and slots are counted for the key, its user, its team and its organisation. */
  readonly counted?: boolean;
};

export const ORG = "acme";

export const startJourney = async ({
  models = [],
  config = {},
  counted = false,
}: JourneyOptions): Promise<Journey> => {
  const [upstream, gateway] = await Promise.all([
    startFaultUpstream(),
    startGateway({ secrets: PROVIDER_SECRETS }),
  ]);
  const more = typeof config === "function" ? config(upstream) : config;
  await gateway.putConfig(configFor(upstream, models, more));
  const key = counted ? await makeCountedKey(gateway, ORG) : await plainKey(gateway);
  return {
    gateway,
    upstream,
    key,
    openai: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: gateway.url, apiKey: key, maxRetries: 0 }),
    post: (path, body, headers = {}) =>
      fetch(`${gateway.url}${path}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          ...headers,
        },
        body: JSON.stringify(body),
      }),
    dispose: async () => {
      await Promise.all([gateway.dispose(), upstream.dispose()]);
      expectNoSecret(gateway.logs, key);
    },
  };
};

/** Where a key's own secret begins, behind what is no secret of it. */
const SECRET_AT = "hg_live_".length + 8 + 8;
const SLICE = 8;

/** Throws where a line has a provider's secret in it, or eight characters in a row of the caller's. */
const expectNoSecret = (lines: readonly string[], key: string): void => {
  const own = key.slice(SECRET_AT);
  const slices = [...own.slice(SLICE - 1)].map((_, at) => own.slice(at, at + SLICE));
  const secrets = [...Object.values(PROVIDER_SECRETS), ...slices];
  const told = lines.find((line) => secrets.some((secret) => line.includes(secret)));
  if (told !== undefined) throw new Error(`a secret is logged: ${told}`);
};

const plainKey = async (gateway: Gateway): Promise<string> => {
  await gateway.makeOrg(ORG);
  return gateway.makeKey(ORG);
};

/** The paths that the upstream was asked for meanwhile. */
export const askedDuring = async (
  { upstream }: Pick<Journey, "upstream">,
  work: () => Promise<unknown>,
): Promise<readonly string[]> => {
  const before = upstream.requests.length;
  await work();
  return upstream.requests.slice(before).map(({ path }) => path);
};

/** Waits until `fact` holds; for what another process does after its answer. */
export const eventually = async (fact: () => boolean, withinMs = 5_000): Promise<void> => {
  const giveUp = Date.now() + withinMs;
  while (!fact()) {
    if (Date.now() > giveUp) throw new Error(`not so within ${withinMs} ms: ${fact}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
