/**
 * Decides: which requests the edge shield sees, and what it is told of them.
 * Never: counts (platform/shield), and never lets the shield stand before the gateway's own health.
 */
import { type Failure, failure } from "../domain/error.ts";
import type { Shield } from "../platform/shield.ts";
import { readToken } from "./token.ts";

const UNSHIELDED: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** The failure where the client has to wait. `path` is canonical. */
export const shielded = async (
  shield: Shield,
  request: Request,
  path: string,
): Promise<Failure | undefined> => {
  if (UNSHIELDED.has(path)) return undefined;
  const { headers } = request;
  const token = readToken(headers);
  const address = headers.get("cf-connecting-ip") ?? undefined;
  const retryAfterMs = await shield.check(address, token.ok ? token.value : undefined);
  if (retryAfterMs === undefined) return undefined;
  const details = { level: "edge", unit: "requests", per: "minute", limit: shield.limit };
  return failure("rate_limit_requests", { retryAfterMs, details });
};
