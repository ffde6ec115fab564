/**
 * Decides: how one fault is tried in every way – chat and messages, streaming and not, with a healthy
 * fallback and without – each at a provider of its own, so that no case sees another's breaker.
 * Never: knows what is expected of a fault.
 */
import type { FaultUpstream, Received } from "./fault-upstream.ts";
import type { Journey } from "./journey.ts";
import { TEXT } from "./upstream-answer.ts";

export type Endpoint = "chat" | "messages";

export type FaultCase = {
  /** Of its model and its provider; unlike every other case. `T`: there is a healthy fallback. */
  readonly name: string;
  /** What the primary does (upstream-conduct.ts). */
  readonly fault: string;
  readonly endpoint: Endpoint;
  readonly stream: boolean;
  readonly hasFallback: boolean;
};

const ENDPOINTS = ["chat", "messages"] as const;

export type Ways = {
  readonly streams?: readonly boolean[];
  readonly fallbacks?: readonly boolean[];
  /** Told apart where one fault stands in several rows. */
  readonly label?: string;
};

/** The fault in every way, or in those that exist for it. */
export const waysOf = (fault: string, ways: Ways = {}): readonly FaultCase[] => {
  const { streams = [false, true], fallbacks = [false, true], label } = ways;
  return ENDPOINTS.flatMap((endpoint) =>
    streams.flatMap((stream) =>
      fallbacks.map((hasFallback) => {
        const how = [stream ? "stream" : "whole", ...(hasFallback ? ["T"] : [])];
        const name = [fault, endpoint, ...how, ...(label === undefined ? [] : [label])].join(".");
        return { name, fault, endpoint, stream, hasFallback };
      }),
    ),
  );
};

export const fallbackOf = ({ name }: FaultCase): string => `${name}.next`;

/** The name that the upstream knows the case's model by. */
export const upstreamNameOf = ({ fault, name }: FaultCase): string => `${fault}--${name}`;

/** The sections of a configuration that hold these cases. */
export const sectionsFor = (
  upstream: Pick<FaultUpstream, "url">,
  cases: readonly FaultCase[],
): {
  providers: Record<string, object>;
  models: Record<string, object>;
  fallbacks: Record<string, string[]>;
} => {
  const providers: Record<string, object> = {};
  const models: Record<string, object> = {};
  const fallbacks: Record<string, string[]> = {};
  for (const one of cases) {
    const openai = one.endpoint === "chat";
    const provider = {
      kind: openai ? "openai" : "anthropic",
      base_url: openai ? `${upstream.url}/v1` : upstream.url,
      api_key: { secret: openai ? "OPENAI_API_KEY" : "ANTHROPIC_API_KEY" },
    };
    const model = { price: { input: 1, output: 2, cache_read: 1 }, max_output: 4096 };
    providers[one.name] = provider;
    models[one.name] = { provider: one.name, upstream: upstreamNameOf(one), ...model };
    if (!one.hasFallback) continue;
    const fallback = fallbackOf(one);
    providers[fallback] = provider;
    models[fallback] = { provider: fallback, upstream: `ok--${fallback}`, ...model };
    fallbacks[one.name] = [fallback];
  }
  return { providers, models, fallbacks };
};

export const askCase = (
  journey: Journey,
  { name, endpoint, stream }: FaultCase,
  headers: Record<string, string> = {},
): Promise<Response> =>
  journey.post(
    endpoint === "chat" ? "/v1/chat/completions" : "/v1/messages",
    {
      model: name,
      messages: [{ role: "user", content: "hi" }],
      max_tokens: 100,
      stream,
      ...(stream && endpoint === "chat" && { stream_options: { include_usage: true } }),
    },
    headers,
  );

/** The tries that the case's primary saw, and those of its fallback. */
export const triesOf = ({ upstream }: Journey, one: FaultCase): readonly Received[] =>
  upstream.to(upstreamNameOf(one));
export const fallbackTriesOf = ({ upstream }: Journey, one: FaultCase): readonly Received[] =>
  upstream.to(`ok--${fallbackOf(one)}`);

/** What a caller must never read: credentials, addresses, an upstream's own words and marks. */
export const CANARIES =
  /sk-test|127\.0\.0\.1|req_upstream_test|canary|It failed|Try later|Hidden in|crashed while|billing details|safety system|5000 tokens|doctype/;

/** Everything that leaves the gateway in one answer, for the search for canaries. */
export const allOf = (response: Response, body: string): string =>
  [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n") + body;

type Choice = {
  readonly message?: { readonly content: string };
  readonly delta?: { readonly content?: string };
  readonly finish_reason?: string | null;
};
type Part = { readonly text?: string };
type Event = {
  readonly type?: string;
  readonly choices?: readonly Choice[];
  readonly content?: readonly Part[];
  readonly stop_reason?: string | null;
  readonly delta?: Part & { readonly stop_reason?: string };
  readonly error?: { readonly code?: string; readonly details?: unknown };
  readonly headgate?: Readonly<Record<string, unknown>>;
};

export type Told = {
  readonly text: string;
  /** A finish reason or a terminal mark was seen. */
  readonly isEnded: boolean;
  readonly error: Event["error"];
  readonly headgate: Event["headgate"];
};

/** What an answer says, streamed or whole, in either dialect. */
export const told = (body: string, { stream }: Pick<FaultCase, "stream">): Told => {
  const data = stream ? [...body.matchAll(/^data: (.*)$/gm)].map(([, line = ""]) => line) : [body];
  const events = data.filter((line) => line !== "[DONE]").map((line) => JSON.parse(line) as Event);
  const choices = events.flatMap((event) => event.choices ?? []);
  const texts = [
    ...choices.map(({ message, delta }) => message?.content ?? delta?.content ?? ""),
    ...events.flatMap((event) => event.content?.map(({ text }) => text ?? "") ?? []),
    ...events.map((event) => event.delta?.text ?? ""),
  ];
  const finishes = choices.some(({ finish_reason: finish }) => Boolean(finish));
  const stops = events.some(
    (event) => event.stop_reason || event.delta?.stop_reason || event.type === "message_stop",
  );
  return {
    text: texts.join(""),
    isEnded: finishes || stops || data.includes("[DONE]"),
    error: events.findLast((event) => event.error !== undefined)?.error,
    headgate: events.findLast((event) => event.headgate !== undefined)?.headgate,
  };
};

export const WHOLE = { text: TEXT, error: undefined };
