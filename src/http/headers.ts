/**
 * Decides: which of the caller's headers go to a provider, and which headers go back to the caller.
 * Never: passes on what is not listed. (faults.md F24, F72)
 */

const TO_UPSTREAM = [
  "anthropic-beta",
  "anthropic-version",
  "openai-beta",
  "traceparent",
  "tracestate",
] as const;

/** What a header may carry across: the runtime lets non-ASCII through, other servers do not. */
const PRINTABLE = /^[\x20-\x7e]{1,2048}$/;

/** The caller's headers that go upstream, lower case; a value that is not plain text is dropped. */
export const headersToUpstream = (headers: Headers): Record<string, string> => {
  const out: Record<string, string> = {};
  for (const name of TO_UPSTREAM) {
    const value = headers.get(name);
    if (value !== null && PRINTABLE.test(value)) out[name] = value;
  }
  return out;
};

const TO_CALLER: ReadonlySet<string> = new Set([
  "content-type",
  "age",
  "idempotent-replayed",
  "retry-after",
  "retry-after-ms",
  "server-timing",
  "x-should-retry",
]);
const TO_CALLER_PREFIXES = ["x-headgate-", "x-ratelimit-"] as const;

/** A reply's headers without any that is not the gateway's own: a second look behind the pipeline's. */
export const headersToCaller = (
  headers: Readonly<Record<string, string>>,
): Record<string, string> => {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const known =
      TO_CALLER.has(name) || TO_CALLER_PREFIXES.some((prefix) => name.startsWith(prefix));
    if (known) out[name] = value;
  }
  return out;
};
