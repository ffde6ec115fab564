/**
 * Decides: how an admin request is read: strict schemas, merge patches, pages; and how it is answered.
 * Never: lets an unknown field through, also not one whose value is null.
 */
import * as z from "zod";
import { isRecord } from "../../base/record.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Problem, problemsOfError, UNKNOWN_FIELD } from "../../domain/config/problems.ts";
import { type Failure, failure } from "../../domain/error.ts";
import type { By } from "../../platform/audit.ts";
import { MAX_BODY, readJsonBody } from "../body.ts";
import type { Ctx } from "../context.ts";
import { refuse } from "../error.ts";

export const Id = z.string().regex(/^[a-z0-9-]{1,40}$/);

/** A name for people: one line, whatever the script. Half a surrogate pair would come back as another. */
export const Label = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u);

/** The number from which a count since the epoch is in milliseconds: below it they would be before 1974. */
const LEAST_MS = 1e11;

/** Milliseconds of a count since the epoch in seconds, as OpenAI's and Stripe's APIs write it, or in milliseconds. */
export const epochMs = (count: number): number => (count < LEAST_MS ? count * 1_000 : count);

/** A field of a query; an empty value is none. */
export const given = <T>(schema: z.ZodType<T>) =>
  z.exactOptional(z.lazy(() => z.union([z.literal("").transform(() => undefined), schema])));

/** A body, or a part of one. */
export type Json = Record<string, unknown>;

/** `target` with `patch` merged in: null removes a member (RFC 7396), or stands where it `stays`. */
function mergePatch(target: unknown, patch: Json, stays = false): Json {
  const merged = new Map(isRecord(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null && !stays) merged.delete(name);
    else merged.set(name, isRecord(value) ? mergePatch(merged.get(name), value, stays) : value);
  }
  return Object.fromEntries(merged);
}

/** The failure that tells of the first problem by name, and of all of them in `details`. */
function problemsFailure(problems: readonly Problem[]): Failure {
  const [first] = problems;
  const unknown = first?.message === UNKNOWN_FIELD;
  return failure(unknown ? "unknown_field" : "invalid_parameter", {
    param: first?.path ?? "",
    details: problems,
  });
}

export function parse<T>(schema: z.ZodType<T>, value: unknown): Result<T, Failure> {
  const parsed = schema.safeParse(value);
  return parsed.success ? ok(parsed.data) : err(problemsFailure(problemsOfError(parsed.error)));
}

/** The failure of a patch that removes, further down, what there is no place for. */
function removesUnknown(schema: z.ZodType, now: object, patch: Json) {
  const parsed = schema.safeParse(mergePatch(now, patch, true));
  if (parsed.success) return undefined;
  const unknown = problemsOfError(parsed.error).filter(({ message }) => message === UNKNOWN_FIELD);
  return unknown.length > 0 ? err(problemsFailure(unknown)) : undefined;
}

/** What `now` becomes by `patch`; a thing that is made is a patch of nothing. */
export function patched<S extends z.ZodObject>(
  schema: z.ZodLazy<S>,
  now: object,
  patch: Json,
): Result<z.infer<S>, Failure> {
  const { shape } = schema.unwrap();
  const unknown = Object.keys(patch).find((name) => !Object.hasOwn(shape, name));
  if (unknown !== undefined) return err(failure("unknown_field", { param: unknown }));
  const merged = parse(schema, mergePatch(now, patch));
  return merged.ok ? (removesUnknown(schema, now, patch) ?? merged) : merged;
}

/** The body as a JSON object, of at most `maxKeys` keys. */
export async function readBody(c: Ctx, maxKeys?: number): Promise<Result<Json, Failure>> {
  const body = await readJsonBody(c, MAX_BODY, maxKeys);
  return body.ok ? ok(body.value.value) : body;
}

/** The same; an empty object where there is no body. */
export async function readOptionalBody(c: Ctx): Promise<Result<Json, Failure>> {
  const empty = c.req.raw.body === null || c.req.header("content-length") === "0";
  return empty ? ok({}) : readBody(c);
}

/** The query as an object of `schema`; a field given twice counts once, as its last value. */
export const readQuery = <T>(c: Ctx, schema: z.ZodType<T>): Result<T, Failure> =>
  parse(schema, Object.fromEntries(new URL(c.req.url).searchParams));

export const PAGE = {
  limit: z.lazy(() => z.coerce.number().int().min(1).max(100).default(20)),
  cursor: z.lazy(() => z.union([z.literal(""), Id]).default("")),
};

/** Who is changing something, for the audit. */
export const byOf = (c: Ctx): By => ({
  actor: c.get("admin").actor,
  requestId: c.get("requestId"),
});

/** The answer to an admin request; null is 204. */
export function answer(c: Ctx, result: Result<unknown, Failure>, status = 200): Response {
  if (!result.ok) return refuse(c, result.error);
  return result.value === null
    ? new Response(null, { status: 204 })
    : Response.json(result.value, { status });
}
