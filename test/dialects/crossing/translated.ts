/**
 * Decides: how a body of one dialect is brought into another for a test.
 * Never: tests anything itself.
 */

import type { Result } from "../../../src/base/result.ts";
import type { Encoded, EncodeFor } from "../../../src/dialects/dialect.ts";
import { DIALECTS } from "../../../src/dialects/index.ts";
import type { DialectName } from "../../../src/domain/dialect-name.ts";
import type { Failure } from "../../../src/domain/error.ts";

export const translate = (
  from: DialectName,
  to: DialectName,
  body: Record<string, unknown>,
  target: Partial<EncodeFor> = {},
): Result<Encoded, Failure> => {
  const request = DIALECTS[from].request.decode(body);
  if (!request.ok) return request;
  return DIALECTS[to].request.encode(request.value, {
    model: "upstream-model",
    capabilities: new Set(),
    maxOutput: undefined,
    from,
    ...target,
  });
};

/** Of a translation that must not fail. */
export const translated = (...args: Parameters<typeof translate>): Encoded => {
  const result = translate(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
