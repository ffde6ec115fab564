/**
 * Decides: how a request body becomes one safe JSON object: type, size, time, UTF-8, form.
 * Never: keeps a byte past the limit, whatever Content-Length says, and never makes a second copy.
 */
import type { Clock } from "../base/clock.ts";
import { joinedBytes } from "../base/joined-bytes.ts";
import { decodeUtf8, type JsonBody, MAX_KEYS, readJson } from "../base/json-body.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Ctx } from "./context.ts";
import { type Room, SMALL_BODY } from "./room.ts";

/** Bytes. */
export const MAX_BODY = 8 * 1024 * 1024;
/** Bytes; for routes whose messages may carry images. */
export const MAX_BODY_WITH_IMAGES = 25 * 1024 * 1024;
/** Milliseconds for the whole body to arrive. */
const MAX_BODY_WAIT = 30_000;
/**
 * Bytes past the limit, and milliseconds, for which a body that is too large is still taken in and thrown
 * away: a caller in the middle of writing would see a broken connection in place of the answer.
 */
const GRACE = 4 * 1024 * 1024;
const GRACE_MS = 250;
/** Milliseconds. Who is refused for want of room has done nothing wrong: he is to hear of it. */
const PATIENT_MS = 5_000;

type Fault = "too_large" | "no_room" | "late" | "broken";

/** Whether there is room for so many bytes of this body. */
type Hold = (bytes: number) => boolean;

/** The body as JSON, or the failure that the caller is told of (faults.md F31–F35, F59). */
export const readJsonBody = async (
  c: Ctx,
  max: number = MAX_BODY,
  maxKeys: number = MAX_KEYS,
  room?: Room,
): Promise<Result<JsonBody, Failure>> => {
  const request = c.req.raw;
  const wrong = wrongType(request);
  if (wrong !== undefined) return err(failure("unsupported_media_type", { param: wrong }));
  const { clock } = c.get("deps");
  const hold: Hold = (size) => room === undefined || room.hold(c.env, size, clock.now());
  const bytes = await readBytes(request, max, clock, hold);
  if (!bytes.ok) return err(bodyFailure(bytes.error, max));
  const text = decodeUtf8(bytes.value);
  if (!text.ok) return err(failure("invalid_json"));
  const json = readJson(text.value, maxKeys);
  if (json.ok) return json;
  const { kind, at } = json.error;
  return err(failure(kind, at === undefined ? {} : { param: at }));
};

const bodyFailure = (fault: Fault, max: number): Failure => {
  if (fault === "too_large") return failure("request_too_large", { details: { max_bytes: max } });
  if (fault === "no_room") return failure("shedding");
  return failure(fault === "late" ? "request_timeout" : "invalid_json");
};

/** The header that says that this is not plain JSON; a PATCH may say which kind of patch it is (RFC 7396). */
const wrongType = ({ method, headers }: Request): string | undefined => {
  if (headers.get("content-encoding") !== null) return "content-encoding";
  const type = headers.get("content-type") ?? "";
  const semicolon = type.indexOf(";");
  const bare = (semicolon === -1 ? type : type.slice(0, semicolon)).trim().toLowerCase();
  const json = bare === "application/json";
  const patch = method === "PATCH" && bare === "application/merge-patch+json";
  return json || patch ? undefined : "content-type";
};

const readBytes = async (
  request: Request,
  max: number,
  clock: Clock,
  hold: Hold,
): Promise<Result<Uint8Array, Fault>> => {
  const declared = declaredLength(request.headers);
  const isPlain = request.headers.get("transfer-encoding") === null;
  // Without chunks the runtime holds a body to its declared length. One read of the whole is then
  // safe, and a quarter cheaper for the request than a stream, which `request.body` would make. A large one
  // takes room as it comes: whoever only announces it would keep others out.
  if (declared >= 0 && declared <= Math.min(max, SMALL_BODY) && isPlain) {
    const whole = await inTime(request.arrayBuffer(), clock);
    if (!whole.ok) return whole;
    return whole.value.byteLength > max ? err("too_large") : ok(new Uint8Array(whole.value));
  }
  if (request.body === null) return ok(new Uint8Array());
  if (declared > max) {
    await takeRest(request.body.getReader(), max + GRACE, clock);
    return err("too_large");
  }
  const reader = request.body.getReader();
  const read = await inTime(readAll(reader, max, hold), clock);
  if (!read.ok) {
    reader.cancel().catch(() => {});
    return read;
  }
  if (read.value.ok) return read.value;
  const isFull = read.value.error === "no_room";
  await takeRest(reader, isFull ? max : GRACE, clock, isFull ? PATIENT_MS : GRACE_MS);
  return read.value;
};

/** Reads on for a moment and keeps nothing; at most `bytes`, and what one more chunk brings. */
const takeRest = async (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytes: number,
  clock: Clock,
  ms = GRACE_MS,
): Promise<void> => {
  const letGo = (): void => void reader.cancel().catch(() => {});
  const stop = clock.after(ms, letGo);
  let left = bytes;
  try {
    while (left > 0) {
      const { done, value } = await reader.read();
      if (done) break;
      left -= value.byteLength;
    }
  } catch {
    // The caller has gone; there is nobody to answer.
  }
  stop();
  letGo();
};

/** Bytes; -1 where the caller does not say, or not in a number. */
const declaredLength = (headers: Headers): number => {
  const length = headers.get("content-length");
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : -1;
};

/** All bytes, unless there are more than `max`, or more than there is room for. */
const readAll = async (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  max: number,
  hold: Hold,
): Promise<Result<Uint8Array, "too_large" | "no_room">> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > max) return err("too_large");
    if (!hold(size)) return err("no_room");
    pieces.push(value);
  }
  return ok(joinedBytes(pieces, size));
};

const inTime = <T>(work: Promise<T>, clock: Clock): Promise<Result<T, "late" | "broken">> =>
  new Promise((resolve) => {
    const stop = clock.after(MAX_BODY_WAIT, () => resolve(err("late")));
    const end = (result: Result<T, "broken">): void => {
      stop();
      resolve(result);
    };
    work.then(
      (value) => end(ok(value)),
      () => end(err("broken")),
    );
  });
