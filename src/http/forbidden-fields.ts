/**
 * Decides: which body fields are refused because elsewhere they redirect a call or carry a credential.
 * Never: is the defence itself: no caller's field is ever read as an address or a key. (faults.md F69)
 */
import { isRecord } from "../base/record.ts";
import { type Failure, failure } from "../domain/error.ts";

const FORBIDDEN: ReadonlySet<string> = new Set([
  "api_base",
  "api_key",
  "base_url",
  "custom_llm_provider",
  "extra_body",
  "extra_headers",
  "headers",
  "litellm_params",
]);

/** The failure for the first such field at the top or directly inside a top-level object. */
export const refuseForbiddenFields = (body: Record<string, unknown>): Failure | undefined => {
  for (const [name, value] of Object.entries(body)) {
    if (FORBIDDEN.has(name)) return failure("unknown_field", { param: name });
    if (!isRecord(value)) continue;
    const inner = Object.keys(value).find((key) => FORBIDDEN.has(key));
    if (inner !== undefined) return failure("unknown_field", { param: `${name}.${inner}` });
  }
  return undefined;
};
