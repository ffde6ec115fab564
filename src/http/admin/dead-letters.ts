/**
 * Decides: how usage that could not be counted is listed and counted after all.
 * Never: removes a message that was not.
 */
import * as z from "zod";
import type { KeptLetter } from "../../platform/usage-dead-letters.ts";
import type { Ctx, Route } from "../context.ts";
import { refuse } from "../error.ts";
import { byOf, PAGE, parse, readOptionalBody, readQuery } from "./parse.ts";

const LetterId = z.string().min(1).max(128);
const Pages = z.lazy(() =>
  z.strictObject({ ...PAGE, cursor: z.union([z.literal(""), LetterId]).default("") }),
);
const Wish = z.lazy(() =>
  z.strictObject({ ids: z.exactOptional(z.array(LetterId).min(1).max(100)) }),
);

const shown = (letter: KeptLetter) => ({ ...letter, at: new Date(letter.at).toISOString() });

async function list(c: Ctx): Promise<Response> {
  const page = readQuery(c, Pages);
  if (!page.ok) return refuse(c, page.error);
  const found = await c.get("stores").deadLetters.list(page.value);
  return Response.json({ ...found, data: found.data.map(shown) });
}

async function replay(c: Ctx): Promise<Response> {
  const body = await readOptionalBody(c);
  const wish = body.ok ? parse(Wish, body.value) : body;
  if (!wish.ok) return refuse(c, wish.error);
  return Response.json(await c.get("stores").deadLetters.replay(wish.value.ids, byOf(c)));
}

const path = "/admin/v1/dead-letters";

export const deadLetterRoutes: readonly Route[] = [
  {
    method: "GET",
    path,
    auth: { class: "admin", scope: "usage:read" },
    errors: "openai",
    handle: list,
  },
  {
    method: "POST",
    path: `${path}/replay`,
    auth: { class: "admin", scope: "config:write" },
    errors: "openai",
    handle: replay,
  },
];
