/**
 * Decides: how a script is run in Redis over Upstash's REST, how long that may take, and when nobody is asked.
 * Never: repeats a call whose answer was lost: it may have counted. Follows no redirect with the token.
 */
import type { Clock } from "../base/clock.ts";
import { isRecord } from "../base/record.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Secret } from "../base/secret.ts";
import { checkBaseUrl } from "../domain/config/base-url.ts";

/** Where Redis is; both from the Worker's variables. */
export type UpstashAccess = { readonly url: string; readonly token: Secret };

/** `hash`: SHA-1 of `script` in hexadecimal, by which Redis knows it once it has run it. */
export type RedisScript = { readonly script: string; readonly hash: string };

/** `resting`: it has failed so often that it is left alone for a moment. */
export type UpstashFault =
  | "misconfigured"
  | "timeout"
  | "unreachable"
  | "unauthorized"
  | "refused"
  | "no_script"
  | "resting";

export type Upstash = {
  /** One command; its answer as Redis gives it. */
  command(words: readonly (string | number)[]): Promise<Result<unknown, UpstashFault>>;
  run(
    script: RedisScript,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<Result<unknown, UpstashFault>>;
};

export type UpstashParts = {
  readonly access: UpstashAccess;
  readonly clock: Clock;
  /** Milliseconds until an answer is no longer waited for. */
  readonly timeoutMs: number;
  /** Whether the address may be http, loopback or private. */
  readonly allowPrivate: boolean;
};

/** So many failures in a row are no accident. */
const FAILURES = 3;
/** Milliseconds. A Redis that hangs must not cost every request its whole timeout. */
const REST_MS = 1_000;

type Rest = { mayAsk(): boolean; heard(answered: boolean): void };

/** After some failures in a row one call a second asks; all others are told at once. */
const createRest = (clock: Clock): Rest => {
  let failures = 0;
  let until = 0;
  return {
    mayAsk: () => {
      if (failures < FAILURES) return true;
      const now = clock.now();
      if (now < until) return false;
      until = now + REST_MS;
      return true;
    },
    heard: (answered) => {
      failures = answered ? 0 : failures + 1;
      if (failures === FAILURES) until = clock.now() + REST_MS;
    },
  };
};

/** The answer's `result`; what stands in `error` is Redis' own word and goes no further. */
const readAnswer = async (response: Response): Promise<Result<unknown, UpstashFault>> => {
  const body: unknown = await response.json();
  if (!isRecord(body)) return err("unreachable");
  const { error, result } = body;
  if (response.ok && error === undefined) return ok(result);
  if (response.status === 401 || response.status === 403) return err("unauthorized");
  return err(String(error).startsWith("NOSCRIPT") ? "no_script" : "refused");
};

export const createUpstash = (parts: UpstashParts): Upstash => {
  const { access, clock, timeoutMs, allowPrivate } = parts;
  const usable = checkBaseUrl(access.url, { allowPrivate }).ok;
  const rest = createRest(clock);

  const ask = async (words: readonly (string | number)[]) => {
    const late = new AbortController();
    const cancel = clock.after(timeoutMs, () => late.abort());
    try {
      const response = await fetch(access.url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${access.token.reveal()}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(words),
        redirect: "manual",
        signal: late.signal,
      });
      return await readAnswer(response);
    } catch {
      return err(late.signal.aborted ? ("timeout" as const) : ("unreachable" as const));
    } finally {
      cancel();
    }
  };

  const command: Upstash["command"] = async (words) => {
    if (!usable) return err("misconfigured");
    if (!rest.mayAsk()) return err("resting");
    const answer = await ask(words);
    rest.heard(answer.ok || answer.error === "no_script");
    return answer;
  };

  return {
    command,
    run: async ({ script, hash }, keys, values) => {
      const more = [keys.length, ...keys, ...values];
      const answer = await command(["EVALSHA", hash, ...more]);
      if (answer.ok || answer.error !== "no_script") return answer;
      return command(["EVAL", script, ...more]);
    },
  };
};
