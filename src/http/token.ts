/**
 * Decides: which key a request carries, from the four headers that SDKs put one in.
 * Never: guesses. Two that differ, or one in any other form, are no key. (faults.md F62)
 */
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";

/** Printable ASCII but for the comma: that is how two headers of one name arrive joined. */
const TOKEN = /^[\x21-\x2b\x2d-\x7e]{1,512}$/;
const BEARER = /^bearer ([\x21-\x2b\x2d-\x7e]{1,512})$/i;

const PLAIN_HEADERS = ["x-api-key", "api-key", "x-goog-api-key"] as const;

/** The one token of the request; none, several or a malformed one all look the same. */
export const readToken = (headers: Headers): Result<string, Failure> => {
  const found = new Set<string | undefined>();
  const authorization = headers.get("authorization");
  if (authorization !== null) found.add(BEARER.exec(authorization)?.[1]);
  for (const name of PLAIN_HEADERS) {
    const value = headers.get(name);
    if (value !== null) found.add(TOKEN.test(value) ? value : undefined);
  }
  const [token] = found;
  if (found.size !== 1 || token === undefined) return err(failure("invalid_api_key"));
  return ok(token);
};
