/**
 * Decides: how Anthropic's citations become canonical ones and back.
 * Never: loses one of its own: it travels whole in `raw`.
 */
import type { Citation } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { objectsIn, textIn } from "../loosely.ts";
import { isObject, type Json } from "../reading.ts";

/** The text block is the statement: positions in it are not told. Positions in the document stay in `raw`. */
export const decodeCitation = (citation: Json): Citation => ({
  ...defined({
    url: textIn(citation["url"]),
    title: textIn(citation["title"]) ?? textIn(citation["document_title"]),
    quote: textIn(citation["cited_text"]),
  }),
  raw: citation,
});

export const decodeCitations = (value: unknown): readonly Citation[] | undefined => {
  const list = objectsIn(value);
  return list.length > 0 ? list.map(decodeCitation) : undefined;
};

/** Those of other dialects become web results; one without a link cannot be shown here. */
export const encodeCitation = ({ url, title, quote, raw }: Citation): Json | undefined => {
  if (isObject(raw) && typeof raw["type"] === "string" && raw["type"].endsWith("_location")) {
    return raw;
  }
  if (url === undefined) return undefined;
  return {
    type: "web_search_result_location",
    url,
    title: title ?? null,
    cited_text: quote ?? "",
    encrypted_index: "",
  };
};
