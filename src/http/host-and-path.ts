/**
 * Decides: whether a request's host and path are what they seem, before anything is routed by them.
 * Never: repairs one. What would have to be normalised is refused. (faults.md F63, F64)
 */
import { type Failure, failure } from "../domain/error.ts";

/** A host name or IPv4 address, or an IPv6 address in brackets; with or without a port. */
const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * An empty or dot segment, a character outside RFC 3986's path characters, or an escape for `.`, `/`,
 * `\\`, `%` or a control character, of which a second decoder could make any of these.
 */
const NOT_CANONICAL =
  /\/\/|\/\.\.?(?:\/|$)|.\/$|[^a-z0-9._~!$&'()*+,;=:@%/-]|%(?:2[ef5]|5c|[01][0-9a-f]|7f|(?![0-9a-f]{2}))/i;

/** The failure, where host or path are not acceptable; `path` is as it came. */
export const checkHostAndPath = (
  request: Request,
  path: string,
  { allowedHosts }: { readonly allowedHosts: readonly string[] | undefined },
): Failure | undefined => {
  // The runtime makes the URL from the Host header as it came: a path in it would move the border.
  const host = request.headers.get("host") ?? hostOf(request.url);
  if (!isAllowed(host, allowedHosts)) return failure("invalid_host", { param: "host" });
  return NOT_CANONICAL.test(withPlainName(path)) ? failure("non_canonical_path") : undefined;
};

const MODEL = "/v1/models/";

/** SDKs escape the slashes in a model's name, and nothing but a name may follow here. */
const withPlainName = (path: string): string =>
  path.startsWith(MODEL) ? MODEL + path.slice(MODEL.length).replace(/%2f/gi, "/") : path;

const hostOf = (url: string): string => {
  const start = url.indexOf("://") + 3;
  const slash = url.indexOf("/", start);
  return slash === -1 ? url.slice(start) : url.slice(start, slash);
};

/** `allowed` are lower case, with a port or without. */
const isAllowed = (host: string, allowed: readonly string[] | undefined): boolean => {
  if (!HOST.test(host)) return false;
  if (allowed === undefined) return true;
  const name = host.toLowerCase();
  return allowed.includes(name) || allowed.includes(name.replace(/:\d+$/, ""));
};
