/**
 * Decides: what the caller wishes for this one request: a header over `headgate` over the body's aliases.
 * Never: judges whether a wish can be granted; that is for the pipeline. (contract.md section 2)
 */
import { isRecord } from "../base/record.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Controls } from "../pipeline/ask.ts";
import * as form from "./control-forms.ts";

/** Where a wish may stand: the name to blame, the value, the form that it has to have. */
type Place<T> = readonly [name: string, value: unknown, form: form.Form<T>];

const FIELDS: ReadonlySet<string> = new Set([
  "fallback",
  "cache",
  "cache_ttl",
  "tags",
  "user",
  "timeout",
  "recovery",
  "session",
]);

const cacheMode = form.oneOf("off", "refresh", "only");
const recoveryMode = form.oneOf("continue", "restart", "hold", "error");

/** The wishes of one request; `keyTags` are fixed on its key and win over the caller's. */
export const readControls = (
  headers: Headers,
  body: Record<string, unknown>,
  keyTags: Readonly<Record<string, string>>,
): Result<Controls, Failure> => {
  const own = body["headgate"] ?? {};
  if (!isRecord(own)) return err(failure("invalid_parameter", { param: "headgate" }));
  const unknown = Object.keys(own).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return err(failure("unknown_field", { param: `headgate.${unknown}` }));
  const metadata = isRecord(body["metadata"]) ? body["metadata"] : {};

  let fault: Failure | undefined;
  /** The first place that says something; what stands after it is not looked at. */
  const first = <T>(...places: readonly Place<T>[]): T | undefined => {
    const place = places.find(([, value]) => value !== undefined && value !== null);
    if (place === undefined) return undefined;
    const [name, value, read] = place;
    const wish = read(value);
    if (wish === undefined) fault ??= failure("invalid_parameter", { param: name });
    return wish;
  };
  const header = <T>(name: string, read: form.Form<T>): Place<T> => [name, headers.get(name), read];
  const field = <T>(name: string, read: form.Form<T>): Place<T> => [
    `headgate.${name}`,
    own[name],
    read,
  ];
  const alias = <T>(name: string, read: form.Form<T>): Place<T> => [name, body[name], read];

  const cache = first<"off" | "refresh" | "only" | "default">(
    header("x-headgate-cache", cacheMode),
    field("cache", cacheMode),
    alias("use_cache", form.useCache),
  );
  const controls: Controls = {
    fallback: first(
      header("x-headgate-fallback", form.namesInHeader),
      field("fallback", form.names),
      alias("fallback_models", form.names),
      alias("models", form.names),
    ),
    cache: cache === "default" ? undefined : cache,
    cacheTtl: first(header("x-headgate-cache-ttl", form.digits), field("cache_ttl", form.count)),
    tags: {
      ...(first(header("x-headgate-tags", form.tagsInHeader), field("tags", form.tags)) ??
        form.tagsInMetadata(metadata)),
      ...keyTags,
    },
    user: first(
      header("x-headgate-user", form.label),
      field("user", form.text),
      // Some clients send an empty string for nobody.
      ["user", body["user"] || undefined, form.text],
      ["metadata.user_id", metadata["user_id"] || undefined, form.text],
    ),
    timeoutMs: shortest(
      first(header("x-headgate-timeout", form.digits), field("timeout", form.count)),
      clientTimeout(headers),
    ),
    recovery: first(header("x-headgate-recovery", recoveryMode), field("recovery", recoveryMode)),
    session: first(header("x-headgate-session", form.label), field("session", form.text)),
    idempotencyKey: headers.get("idempotency-key") ?? undefined,
    preferWaitMs: preferWait(headers),
    clientRetries: clientRetries(headers),
  };
  if (fault !== undefined) return err(fault);
  const { idempotencyKey } = controls;
  if (idempotencyKey !== undefined && !/^[\x20-\x7e]{1,255}$/.test(idempotencyKey)) {
    return err(failure("invalid_idempotency_key", { param: "idempotency-key" }));
  }
  return ok(controls);
};

const shortest = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);

/** Milliseconds after which the SDK itself gives up; it says so in seconds, and 0 for less than one. */
const clientTimeout = (headers: Headers): number | undefined => {
  const seconds = Number(headers.get("x-stainless-timeout"));
  return seconds > 0 && Number.isFinite(seconds) ? Math.ceil(seconds * 1_000) : undefined;
};

const PREFER_WAIT = /(?:^|,)\s*wait\s*=\s*"?(\d{1,6})"?\s*(?=$|[,;])/i;

/** Milliseconds; a preference in another form is none (RFC 7240). It is given in seconds. */
const preferWait = (headers: Headers): number | undefined => {
  const seconds = PREFER_WAIT.exec(headers.get("prefer") ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
};

const clientRetries = (headers: Headers): number => {
  const retries = Number(headers.get("x-stainless-retry-count"));
  return Number.isSafeInteger(retries) && retries > 0 ? retries : 0;
};
