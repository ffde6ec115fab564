/**
 * Decides: what stands on the bench: a mock upstream, a load generator, and two Workers in raw workerd – the
 * floor and the gateway with everything on – each reached without a proxy between.
 * Never: measures.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Gateway, type GatewayOptions, startGateway } from "../test/support/gateway.ts";
import { type ServedWorker, serveWorker } from "../test/support/served-worker.ts";
import { keyBelowAll } from "./four-levels.ts";
import type { Job, Outcome } from "./load.ts";
import { cpuSeconds, type Helper, pin, startHelper } from "./process.ts";

export type Side = "floor" | "full";
export type Sample = Outcome & { readonly cpuSeconds: number };

export type Lab = {
  readonly upstreamUrl: string;
  readonly floor: ServedWorker;
  readonly full: Gateway;
  /** The caller's key at the gateway. */
  readonly key: string;
  /** The process of a side; undefined where nobody said. */
  pidOf(side: Side): number | undefined;
  /** Runs one load against one side; throws when an answer is not a 200. */
  load(side: Side, ask: Ask, job: Shape): Promise<Sample>;
  /** Against any server, with whole requests. */
  loadWorker(server: Server, requests: readonly string[], job: Shape): Promise<Sample>;
  dispose(): Promise<void>;
};

export type Shape = Omit<Job, "port" | "requests">;

/** Something that listens; its CPU can be read where its process is known. */
export type Server = { readonly url: string; readonly pid: number | undefined };

export type Ask = {
  /** What the mock upstream is to answer (mock-upstream.ts). */
  readonly model: string;
  readonly stream?: boolean;
  /** 0 is what the cache takes for deterministic; without one nothing is looked up. */
  readonly temperature?: number;
  /** So many requests of which none is asked again, told apart by `name`. */
  readonly unlike?: { readonly count: number; readonly name: string };
  /** Bytes of the user's message; a few hundred where it is not said. */
  readonly promptBytes?: number;
  /** The path at the gateway; the floor forwards to the same. */
  readonly path?: string;
  /** The provider behind the model at the gateway. */
  readonly provider?: "openai" | "anthropic";
};

/** Every model that a row asks for. */
const MODELS = [
  "whole",
  "burst-200",
  "batch-200-20",
  "paced-200-10",
  "event-4000000",
  "event-8000000",
  "open",
];

/** How every gateway on the bench is served. */
export const GATEWAY: GatewayOptions = {
  secrets: { OPENAI_API_KEY: "sk-bench-openai", ANTHROPIC_API_KEY: "sk-bench-anthropic" },
  // It would share the core with what is measured, and a backlog of it would be charged to the next row.
  withoutConsumer: true,
};

export const startLab = async (): Promise<Lab> => {
  const mock = startHelper("mock-upstream.ts");
  const load = startHelper("load.ts");
  const upstreamUrl = `http://127.0.0.1:${await mock.ask<number>(undefined)}`;
  const floor = await startPlain("floor-worker.js", upstreamUrl);
  const full = await startGateway(GATEWAY);
  for (const worker of [floor, full]) pin(worker.pid, "measured");
  await full.putConfig(configuration(upstreamUrl, MODELS));
  const key = await keyBelowAll(full);
  const loadWorker = loadWith(load);
  return {
    upstreamUrl,
    floor,
    full,
    key,
    loadWorker,
    pidOf: (side) => (side === "floor" ? floor : full).pid,
    load: (side, ask, job) => {
      const worker = side === "floor" ? floor : full;
      return loadWorker(worker, requestsOf(worker.url, side, ask, { key }), job);
    },
    dispose: async () => {
      for (const { child } of [load, mock]) child.disconnect();
      await Promise.all([floor.dispose(), full.dispose()]);
    },
  };
};

/** A Worker of this folder in front of the upstream. */
export const startPlain = async (file: string, upstreamUrl: string): Promise<ServedWorker> => {
  const contents = await readFile(join(import.meta.dirname, file), "utf8");
  return serveWorker({
    modules: [{ type: "ESModule", path: file, contents }],
    compatibilityDate: "2026-11-01",
    bindings: { UPSTREAM: upstreamUrl },
  });
};

const loadWith =
  (load: Helper): Lab["loadWorker"] =>
  async ({ url, pid }, requests, shape) => {
    const cpu = (): number => (pid === undefined ? Number.NaN : cpuSeconds(pid));
    const before = cpu();
    const job: Job = { ...shape, port: Number(new URL(url).port), requests };
    const outcome = await load.ask<Outcome>(job);
    if (outcome.failure !== undefined) throw new Error(`${url}: ${outcome.failure}`);
    return { ...outcome, cpuSeconds: cpu() - before };
  };

/** The configuration under test, with `models` at each of `providers` as `PROVIDER-MODEL`. */
export const configuration = (
  upstreamUrl: string,
  models: readonly string[],
  providers: readonly string[] = ["openai", "anthropic"],
): object => ({
  providers: {
    openai: {
      kind: "openai",
      base_url: `${upstreamUrl}/v1`,
      api_key: { secret: "OPENAI_API_KEY" },
    },
    anthropic: {
      kind: "anthropic",
      base_url: upstreamUrl,
      api_key: { secret: "ANTHROPIC_API_KEY" },
    },
  },
  policy: { cache: { mode: "on" } },
  models: Object.fromEntries(
    providers.flatMap((provider) =>
      models.map((upstream) => [
        `${provider}-${upstream}`,
        { provider, upstream, price: { input: 1, output: 2 }, context: 100_000, max_output: 4096 },
      ]),
    ),
  ),
});

const SYSTEM = "You are a careful assistant. Answer in the language of the question. ".repeat(8);

const promptOf = ({ promptBytes }: Ask): string => {
  const question = `${SYSTEM}What does a gateway do?`;
  return promptBytes === undefined
    ? question
    : question.repeat(Math.ceil(promptBytes / question.length)).slice(0, promptBytes);
};

/** Who calls, and what goes along with each request. */
export type Calling = {
  readonly key: string;
  readonly headers?: readonly string[];
  /** In the place of the path that the side would be asked at. */
  readonly base?: string;
};

const bodyOf = (side: Side, ask: Ask, path: string, nonce: string): string => {
  const { provider = "openai", stream = false, temperature } = ask;
  return JSON.stringify({
    model: side === "floor" ? ask.model : `${provider}-${ask.model}`,
    ...(path === "/v1/messages" && { max_tokens: 1024 }),
    messages: [{ role: "user", content: promptOf(ask) + nonce }],
    ...{ stream, temperature },
  });
};

/** One whole HTTP request, as bytes for the load generator. */
export const request = (
  url: string,
  side: Side,
  ask: Ask,
  { key, headers = [], base }: Calling,
  nonce = "",
): string => {
  const path =
    ask.path ??
    (side === "floor" && ask.provider === "anthropic" ? "/v1/messages" : "/v1/chat/completions");
  const body = bodyOf(side, ask, path, nonce);
  return [
    `POST ${base === undefined ? path : path.replace("/v1", base)} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    `authorization: Bearer ${key}`,
    ...headers,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
};

/** One request again and again, or so many that differ. */
export const requestsOf = (url: string, side: Side, ask: Ask, calling: Calling): string[] => {
  const { count, name } = ask.unlike ?? { count: 1, name: "" };
  return Array.from({ length: count }, (_, at) =>
    request(url, side, ask, calling, ask.unlike && ` ${name}-${at}`),
  );
};
