/**
 * Decides: by which way one prepared body reaches its provider: over the network, through a binding,
 * or not at all because the provider is built in.
 * Never: reads the answer.
 */
import { isRecord } from "../base/record.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Secret } from "../base/secret.ts";
import type { DialectName } from "../domain/dialect-name.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Target } from "../domain/target.ts";
import type { TransportFault } from "../policy/resilience/classify.ts";
import type { Deps, UpstreamAnswer } from "../ports.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { Operation } from "../providers/provider.ts";
import { parseJson } from "./read-whole.ts";

type Sending = {
  readonly target: Target;
  readonly operation: Operation;
  readonly stream: boolean;
  readonly body: string;
  readonly key: Secret | undefined;
  /** The caller's allow-listed headers. */
  readonly forward: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch at which nobody waits for the answer any more. */
  readonly totalAt: number;
};

/** Milliseconds: who is told how long we wait has to be through before that, by an answer's way back. */
const WAY_BACK_MS = 50;

const answerOf = (status: number, contentType: string, text: string): UpstreamAnswer => ({
  status,
  headers: new Headers({ "content-type": contentType }),
  body: new Response(text).body,
});

/** Workers AI takes OpenAI's body without the model, which stands beside it. */
const throughBinding = async (
  deps: Deps,
  { target, body, stream }: Sending,
  signal: AbortSignal,
): Promise<Result<UpstreamAnswer, TransportFault>> => {
  const parsed = parseJson(body);
  const { model: _model, ...input } = isRecord(parsed) ? parsed : {};
  try {
    const answer = await deps.workersAi?.run(target.upstream, input, signal);
    if (answer instanceof ReadableStream && stream) {
      const headers = new Headers({ "content-type": "text/event-stream" });
      return ok({ status: 200, headers, body: answer as ReadableStream<Uint8Array> });
    }
    return ok(answerOf(200, "application/json", JSON.stringify(answer)));
  } catch {
    return err({ fault: "unreachable" });
  }
};

type Credential = { readonly secret: string | undefined; readonly key: Secret | undefined };

/**
 * The credentials that are set and not refused lately, in the order in which they are tried; one without
 * a key where the provider needs none. `asLast`: there is nobody else to ask, so that one which was
 * refused is better than none: it may have been renewed.
 */
export const credentialsOf = (
  deps: Deps,
  target: Target,
  asLast: boolean,
): readonly Credential[] => {
  if (target.credentials.length === 0) return [{ secret: undefined, key: undefined }];
  const set = target.credentials.flatMap((secret) => {
    const key = deps.secrets.get(secret);
    return key === undefined ? [] : [{ secret, key }];
  });
  const usable = set.filter(({ secret }) => deps.health.credentialUsable(target, secret));
  return usable.length === 0 && asLast ? set : usable;
};

/** What keeps a target from being called at all; undefined when nothing does. */
export const lacking = (deps: Deps, target: Target): Failure | undefined => {
  const provider = PROVIDERS[target.kind];
  if (provider.binding !== undefined && deps.workersAi === undefined) {
    return failure("misconfigured", { param: "AI" });
  }
  const [first] = target.credentials;
  const set = target.credentials.some((name) => deps.secrets.get(name) !== undefined);
  if (first !== undefined && !set) return failure("misconfigured", { param: first });
  if (first === undefined && provider.needsKey) {
    return failure("misconfigured", { param: `providers.${target.provider}.api_key` });
  }
  return undefined;
};

/** A dialect's own headers go to those who speak it. */
const OWNED: Readonly<Record<string, DialectName>> = {
  "anthropic-beta": "anthropic-messages",
  "openai-beta": "openai-chat",
};

const forwarded = ({ target, forward }: Sending): Record<string, string> =>
  Object.fromEntries(
    Object.entries(forward).filter(([name]) => (OWNED[name] ?? target.dialect) === target.dialect),
  );

/** The answer as it came, whatever its status. Whether an abort was the cause, the watchdog knows. */
export const send = async (
  deps: Deps,
  sending: Sending,
  signal: AbortSignal,
): Promise<Result<UpstreamAnswer, TransportFault>> => {
  const { target, operation, stream, body, key } = sending;
  const provider = PROVIDERS[target.kind];
  if (provider.local !== undefined) {
    const { status, contentType, text } = provider.local(operation, body);
    return ok(answerOf(status, contentType, text));
  }
  if (provider.binding !== undefined) return throughBinding(deps, sending, signal);
  const base = target.baseUrl ?? provider.baseUrl;
  if (base === undefined) return err({ fault: "forbidden" });
  const { url, headers } = provider.address(target, base, operation, stream, key);
  const waits = Math.max(1, sending.totalAt - deps.clock.now() - WAY_BACK_MS);
  const sent = await deps.upstream.send(
    {
      url,
      headers: {
        ...forwarded(sending),
        "content-type": "application/json",
        accept: stream ? "text/event-stream" : "application/json",
        // Seconds, as the SDKs themselves say it to whomever they call; so does a gateway before this one.
        "x-stainless-timeout": String(waits / 1_000),
        ...target.headers,
        ...headers,
      },
      body,
    },
    signal,
  );
  if (sent.ok) return sent;
  return err({ fault: sent.error === "forbidden" ? "forbidden" : "unreachable" });
};
