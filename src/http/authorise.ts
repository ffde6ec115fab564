/**
 * Decides: whether the holder of a request's key may use the route, by the route's class and scope.
 * Never: tells an unknown key from a revoked one, and never lets a class reach the other's routes.
 */
import { parseApiKey } from "../domain/api-key.ts";
import { type Failure, failure, statusOf } from "../domain/error.ts";
import type { Caller } from "../domain/tenant.ts";
import { authenticate, renew } from "../pipeline/authenticate.ts";
import type { Ctx, Route } from "./context.ts";
import { withTenant } from "./request-id.ts";
import { readToken } from "./token.ts";

/** Puts `caller` or `admin` into the context; the failure where the request may not go on. */
export const authorise = async (c: Ctx, auth: Route["auth"]): Promise<Failure | undefined> => {
  if (auth.class === "public") return undefined;
  const token = readToken(c.req.raw.headers);
  if (!token.ok) {
    if (auth.class === "data") countDenied(c, undefined, token.error);
    return token.error;
  }
  return auth.class === "data"
    ? authoriseCaller(c, auth, token.value)
    : authoriseAdmin(c, auth, token.value);
};

/** `caller` undefined: nobody knows whose request it was. */
const countDenied = (c: Ctx, caller: Caller | undefined, fail: Failure): void =>
  c.get("deps").limiter.denied(caller, statusOf(fail), fail.code);

const authoriseCaller = async (
  c: Ctx,
  auth: Extract<Route["auth"], { class: "data" }>,
  token: string,
): Promise<Failure | undefined> => {
  const deps = c.get("deps");
  const began = deps.clock.now();
  const known = await authenticate(deps, token);
  const caller = known.ok && auth.renewed ? await renew(deps, known.value) : known;
  c.set("authMs", deps.clock.now() - began);
  if (!caller.ok) {
    await noteTrespass(c, token, caller.error);
    countDenied(c, undefined, caller.error);
    return caller.error;
  }
  c.set("requestId", withTenant(c.get("requestId"), caller.value.tenant));
  if (auth.scope !== undefined && !caller.value.scopes.has(auth.scope)) {
    const missing = failure("scope_missing", { param: auth.scope });
    countDenied(c, caller.value, missing);
    return missing;
  }
  c.set("caller", caller.value);
  return undefined;
};

const note = (c: Ctx, actor: string | undefined): void =>
  c.get("gate").trespass.note(actor ?? "root", c.req.path, c.get("requestId"));

/** An admin key here, or ADMIN_TOKEN itself: somebody has put the wrong secret into a program. */
const noteTrespass = async (c: Ctx, token: string, fail: Failure): Promise<void> => {
  const key = parseApiKey(token);
  if (fail.code === "scope_missing") note(c, key?.id);
  else if (key === undefined && (await c.get("gate").admins.verifyAdmin(token)).ok) {
    note(c, undefined);
  }
};

const authoriseAdmin = async (
  c: Ctx,
  auth: Extract<Route["auth"], { class: "admin" }>,
  token: string,
): Promise<Failure | undefined> => {
  const admin = await c.get("gate").admins.verifyAdmin(token);
  if (!admin.ok) {
    if (admin.error === "wrong_class") note(c, parseApiKey(token)?.id);
    return failure(admin.error === "wrong_class" ? "scope_missing" : "invalid_api_key");
  }
  if (!admin.value.scopes.has(auth.scope)) return failure("scope_missing", { param: auth.scope });
  c.set("admin", admin.value);
  return undefined;
};
