/**
 * Decides: how a request leaves the house: no redirect is followed, but it is put on record (faults.md F19), and
 * an address that the configuration may not name is refused once more right before it is used.
 * Never: retries, reads a body or judges an answer.
 */
import { err, ok } from "../base/result.ts";
import { checkBaseUrl } from "../domain/config/base-url.ts";
import type { Upstream } from "../ports.ts";
import type { Incidents } from "./incidents.ts";

/** Whole addresses that have been checked; a target has one or two. */
const MOST_REMEMBERED = 1_000;

const isRedirect = ({ status }: Response): boolean => status >= 300 && status < 400;

export const createUpstream = ({
  allowPrivate,
  incidents,
}: {
  readonly allowPrivate: boolean;
  readonly incidents: Incidents;
}): Upstream => {
  const checked = new Map<string, boolean>();

  const allowed = (url: string): boolean => {
    const known = checked.get(url);
    if (known !== undefined) return known;
    const fits = checkBaseUrl(new URL(url).origin, { allowPrivate }).ok;
    if (checked.size < MOST_REMEMBERED) checked.set(url, fits);
    return fits;
  };

  return {
    send: async ({ url, headers, body }, signal) => {
      if (!allowed(url)) return err("forbidden");
      try {
        const answer = await fetch(url, {
          method: "POST",
          headers,
          body,
          redirect: "manual",
          signal,
        });
        // Where it leads is the provider's word, and on no record.
        if (isRedirect(answer)) incidents.note("upstream.redirect", new URL(url).origin);
        return ok(answer);
      } catch {
        return err(signal.aborted ? "aborted" : "unreachable");
      }
    },
  };
};
