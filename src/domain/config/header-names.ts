/**
 * Decides: which headers a configuration may add to the calls of a provider.
 * Never: lets it touch credentials, the address, or how the body is framed.
 */

const OWN: ReadonlySet<string> = new Set([
  // Credentials: api_key names a secret and dispatch puts it where the provider reads it.
  "authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cookie",
  "set-cookie",
  // The address.
  "host",
  "origin",
  "referer",
  "forwarded",
  "via",
  "x-real-ip",
  "true-client-ip",
  // How the body is framed, and the connection.
  "accept",
  "accept-encoding",
  "content-type",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "expect",
]);

const OWN_PREFIXES = ["x-forwarded-", "x-headgate-", "cf-", "sec-", "proxy-"];

/** Case does not matter. */
export const isForwardableHeader = (name: string): boolean => {
  const lower = name.toLowerCase();
  return !OWN.has(lower) && !OWN_PREFIXES.some((prefix) => lower.startsWith(prefix));
};
