/**
 * Decides: whether Anthropic cannot go on with the conversation that it was to hold (`thread`), in the words by which
 * its clients know that they have to send all of it again.
 * Never: lets a text of the provider's through: only names that are listed here, or have a name's form.
 */
import { isRecord } from "../../base/record.ts";

const CODES: ReadonlySet<unknown> = new Set([
  "thread_unsupported_request",
  "thread_not_found",
  "thread_already_continued",
  "thread_continue_in_flight",
]);

const NAME = /^[a-z0-9_.]{1,64}$/;
const MOST_NAMES = 20;

const recordIn = (holder: unknown, field: string): Record<string, unknown> | undefined => {
  const value = isRecord(holder) ? holder[field] : undefined;
  return isRecord(value) ? value : undefined;
};

/** `body` of the error answer; undefined where it says something else. */
export const threadRefusal = (body: unknown): Readonly<Record<string, unknown>> | undefined => {
  const details = recordIn(recordIn(body, "error"), "details");
  const code = details?.["error_code"];
  if (!CODES.has(code)) return undefined;
  const named: unknown = details?.["unsupported"];
  const names = (Array.isArray(named) ? named : []).map(String).filter((name) => NAME.test(name));
  return {
    error_code: code,
    ...(Array.isArray(named) && { unsupported: names.slice(0, MOST_NAMES) }),
  };
};
