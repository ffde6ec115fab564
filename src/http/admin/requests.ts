/**
 * Decides: how rows of the ledger are listed, the newest first, and looked up one by one.
 * Never: shapes a row; policy/view/ledger-row.ts does, for callers as for operators.
 */
import * as z from "zod";
import { failure } from "../../domain/error.ts";
import type { LedgerRow } from "../../domain/ledger-row.ts";
import { shownRow } from "../../policy/view/ledger-row.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { given, Id, PAGE, readQuery } from "./parse.ts";

/** When the last row of the page before arrived, and its id. */
const CURSOR = /^(\d{1,16})\.([A-Za-z0-9_-]{1,128})$/;
const Place = z.lazy(() =>
  z
    .string()
    .regex(CURSOR)
    .transform((cursor) => {
      const [, at, requestId] = CURSOR.exec(cursor) ?? [];
      return { at: Number(at), requestId: requestId ?? "" };
    }),
);
const cursorOf = ({ at, request_id }: LedgerRow): string => `${at}.${request_id}`;

const Query = z.lazy(() =>
  z.strictObject({
    limit: PAGE.limit,
    cursor: given(Place),
    org: given(Id),
    key: given(Id),
    model: given(z.string().max(256)),
    status: given(z.coerce.number().int().min(100).max(599)),
  }),
);

async function list(c: Ctx): Promise<Response> {
  const query = readQuery(c, Query);
  if (!query.ok) return refuse(c, query.error);
  const { limit, cursor, ...filters } = query.value;
  const rows = await c.get("stores").ledger.rows({ ...filters, limit: limit + 1, before: cursor });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return Response.json({
    data: shown.map(shownRow),
    next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  });
}

async function get(c: Ctx): Promise<Response> {
  const row = await c.get("stores").ledger.row(c.req.param("id") ?? "");
  return row === undefined ? refuse(c, failure("not_found")) : Response.json(shownRow(row));
}

const READ = { class: "admin", scope: "usage:read" } as const;
const path = "/admin/v1/requests";

export const requestRoutes: readonly Route[] = [
  { method: "GET", path, auth: READ, errors: "openai", handle: list },
  { method: "GET", path: `${path}/:id`, auth: READ, errors: "openai", handle: get },
];
