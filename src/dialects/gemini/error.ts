/**
 * Decides: what an error body of Google's says: {"error": {code, message, status, details}}, alone or,
 * as Vertex sends it, in a list; also with the whole document once more as text inside `message`.
 * Never: decides what to do about it; that is policy/resilience/classify.
 */
import type { UpstreamError } from "../../domain/upstream-error.ts";
import { codeIn, objectsIn } from "../loosely.ts";
import { isObject, type Json } from "../reading.ts";

/** google.rpc.ErrorInfo says why in one word (API_KEY_INVALID); the older list of errors in another. */
const reasonOf = (error: Json): string | undefined => {
  const entries = [...objectsIn(error["details"]), ...objectsIn(error["errors"])];
  return entries.map((entry) => codeIn(entry["reason"])).find((reason) => reason !== undefined);
};

/** The field that google.rpc.BadRequest complains of. */
const fieldOf = (error: Json): string | undefined =>
  objectsIn(error["details"])
    .flatMap((detail) => objectsIn(detail["fieldViolations"]))
    .map((violation) => codeIn(violation["field"]))
    .find((field) => field !== undefined);

const nested = (message: string): UpstreamError | undefined => {
  if (!message.trimStart().startsWith("{")) return undefined;
  try {
    return decodeError(JSON.parse(message));
  } catch {
    return undefined;
  }
};

/** `type` is the status (RESOURCE_EXHAUSTED), `code` the reason, else the number. */
export const decodeError = (body: unknown): UpstreamError | undefined => {
  if (Array.isArray(body)) return decodeError(body[0]);
  if (!isObject(body)) return undefined;
  const error = body["error"];
  if (typeof error === "string") {
    return { type: undefined, code: undefined, param: undefined, message: error };
  }
  if (!isObject(error)) return undefined;
  const message = codeIn(error["message"]) ?? "";
  return (
    nested(message) ?? {
      type: codeIn(error["status"]),
      code: reasonOf(error) ?? codeIn(error["code"]),
      param: fieldOf(error),
      message,
    }
  );
};
