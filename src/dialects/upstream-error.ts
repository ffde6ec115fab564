/**
 * Decides: what an error body says, in OpenAI's and Anthropic's shape and in those that look-alikes
 * have made of them.
 * Never: decides what to do about it; that is policy/resilience/classify.
 */
import type { UpstreamError } from "../domain/upstream-error.ts";
import { codeIn } from "./loosely.ts";
import { isObject, type Json } from "./reading.ts";

const fromFields = (fields: Json, message: string): UpstreamError => ({
  type: codeIn(fields["type"]),
  code: codeIn(fields["code"]),
  param: codeIn(fields["param"]),
  message,
});

/** FastAPI's `detail`: a sentence, or a list of {loc, msg, type}. */
const fromDetail = (detail: unknown): UpstreamError | undefined => {
  const first: unknown = Array.isArray(detail) ? detail[0] : detail;
  if (typeof first === "string") return fromFields({}, first);
  if (!isObject(first)) return undefined;
  const place = first["loc"];
  const param = Array.isArray(place)
    ? place.filter((step) => step !== "body").join(".")
    : undefined;
  return fromFields({ type: first["type"], param }, codeIn(first["msg"]) ?? "");
};

/**
 * {"error": {message, type, param, code}} (OpenAI, Azure; Anthropic with `type` and `message` alone,
 * whole and as the data of an `error` event), {"error": "…"} (Ollama),
 * {"message", "type", "code"} (Mistral), {"detail": …} (FastAPI servers), and a list of one of these.
 */
export const decodeError = (body: unknown): UpstreamError | undefined => {
  if (Array.isArray(body)) return decodeError(body[0]);
  if (!isObject(body)) return undefined;
  const { error, message, detail } = body as {
    error?: unknown;
    message?: unknown;
    detail?: unknown;
  };
  if (typeof error === "string") return fromFields(body, error);
  if (isObject(error)) return fromFields(error, codeIn(error["message"]) ?? "");
  if (Array.isArray(body["choices"])) return undefined;
  if (typeof message === "string") return fromFields(body, message);
  if (isObject(message)) return fromDetail(message["detail"]) ?? fromFields(body, "");
  return fromDetail(detail);
};
