/**
 * Decides: how the models that a key may use are listed, in OpenAI's form or in Anthropic's.
 * Never: tells a model that is not allowed from one that does not exist.
 */
import { failure } from "../domain/error.ts";
import { type ListedModel, models } from "../pipeline/models.ts";
import type { Ctx, Route } from "./context.ts";
import { refuse } from "./error.ts";

/** Seconds since the epoch. Nobody knows when a configured model was made; both APIs want a number. */
const CREATED = 0;

const openai = ({ id, provider }: ListedModel) => ({
  id,
  object: "model",
  created: CREATED,
  owned_by: provider,
});

const anthropic = ({ id }: ListedModel) => ({
  type: "model",
  id,
  display_name: id,
  created_at: "1970-01-01T00:00:00Z",
});

/** Both SDKs ask on the same path; Anthropic's always says which version of the API it speaks. */
const speaksAnthropic = (c: Ctx): boolean => c.req.raw.headers.has("anthropic-version");

const listed = async (c: Ctx): Promise<readonly ListedModel[]> =>
  models(await c.get("deps").settings.current(), c.get("caller"));

const list = async (c: Ctx): Promise<Response> => {
  const all = await listed(c);
  if (!speaksAnthropic(c)) return Response.json({ object: "list", data: all.map(openai) });
  return Response.json({
    data: all.map(anthropic),
    has_more: false,
    first_id: all[0]?.id ?? null,
    last_id: all.at(-1)?.id ?? null,
  });
};

const one = async (c: Ctx): Promise<Response> => {
  const id = c.req.param("id");
  const model = (await listed(c)).find((each) => each.id === id);
  if (model === undefined) {
    if (speaksAnthropic(c)) c.set("errors", "anthropic");
    return refuse(c, failure("model_not_found", { param: "model", details: { model: id } }));
  }
  return Response.json(speaksAnthropic(c) ? anthropic(model) : openai(model));
};

const ROW = { method: "GET", auth: { class: "data", renewed: true }, errors: "openai" } as const;

export const modelRoutes: readonly Route[] = [
  { ...ROW, path: "/v1/models", handle: list },
  // Names of models may have slashes in them.
  { ...ROW, path: "/v1/models/:id{.+}", handle: one },
];
