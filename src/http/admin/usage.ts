/**
 * Decides: how it is asked for what was used and spent, and by what it is grouped (contract.md section 3).
 * Never: shows a single request; that is `requests.ts`.
 */
import * as z from "zod";
import { TAG_KEY } from "../../domain/tag.ts";
import { DIMENSIONS, type Grouping } from "../../platform/usage-report.ts";
import { csvOf } from "../../policy/view/csv.ts";
import { usageReport, usageTable } from "../../policy/view/spend.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { given, Id, readQuery } from "./parse.ts";
import { WINDOW, windowOf } from "./usage-window.ts";

/** More would leave hardly two requests in one group. */
const MOST_NAMES = 8;
const TAG = "tag:";

/** A bare name is a dimension where there is one of that name, else a tag; `tag:x` is always a tag. */
const groupingOf = (name: string): Grouping | undefined => {
  const dimension = DIMENSIONS.find((each) => each === name);
  if (dimension !== undefined) return { name, dimension };
  const tag = name.startsWith(TAG) ? name.slice(TAG.length) : name;
  return TAG_KEY.test(tag) ? { name, tag } : undefined;
};

const GroupBy = z.lazy(() =>
  z.string().transform((text, context): readonly Grouping[] => {
    const names = [...new Set(text.split(",").map((name) => name.trim()))];
    const groupings = names.flatMap((name) => groupingOf(name) ?? []);
    if (groupings.length === names.length && names.length <= MOST_NAMES) return groupings;
    context.addIssue({
      code: "custom",
      message: `at most ${MOST_NAMES} names of dimensions or tags`,
    });
    return z.NEVER;
  }),
);

/** An end user's own id, as callers send it. */
const User = z.string().max(512);

const Query = z.lazy(() =>
  z.strictObject({
    ...WINDOW,
    org: given(Id),
    team: given(Id),
    key: given(Id),
    user: given(User),
    group_by: given(GroupBy),
    format: z.enum(["json", "csv"]).default("json"),
  }),
);

async function usage(c: Ctx): Promise<Response> {
  const query = readQuery(c, Query);
  if (!query.ok) return refuse(c, query.error);
  const { group_by, format, org, team, user, key } = query.value;
  const now = c.get("deps").clock.now();
  const window = windowOf(query.value, now);
  if (!window.ok) return refuse(c, window.error);
  const scope = { ...window.value, org, team, user, key };
  const spend = await c.get("stores").usage.spend(scope, group_by ?? [], now);
  if (format === "json") return Response.json(usageReport(spend));
  const { header, rows } = usageTable(spend);
  return new Response(csvOf(header, rows), {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": 'attachment; filename="usage.csv"',
    },
  });
}

export const usageRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/admin/v1/usage",
    auth: { class: "admin", scope: "usage:read" },
    errors: "openai",
    handle: usage,
  },
];
