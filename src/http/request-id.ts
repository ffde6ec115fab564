/**
 * Decides: the name of one request, in x-request-id, every error and the ledger.
 * Never: takes the caller's own id for it; that one is only noted.
 */

/** Unguessable and never the same twice. */
export const newRequestId = (): string => `req_${crypto.randomUUID().replaceAll("-", "")}`;

/** The same id, with the organisation's alias in it, so that its row is found without a search. */
export const withTenant = (requestId: string, tenant: string): string =>
  `req_${tenant}_${requestId.slice("req_".length)}`;

/** What the caller calls the request, where it says so in a form that can be kept. */
export const clientRequestId = (headers: Headers): string | undefined => {
  const id = headers.get("x-request-id") ?? headers.get("x-client-request-id");
  return id !== null && /^[\x21-\x7e]{1,128}$/.test(id) ? id : undefined;
};
