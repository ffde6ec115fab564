/**
 * Decides: how sources stand in an answer: `annotations` with `url_citation`, and what has no link
 * (a page of a document) under `citations`, as its own dialect wrote it.
 * Never: invents a link.
 */
import type { Citation } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { textIn } from "../loosely.ts";
import { isObject } from "../reading.ts";

const position = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;

export const decodeAnnotations = (value: unknown): Citation[] => {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((annotation) => {
    const link = annotation["url_citation"];
    if (annotation["type"] !== "url_citation" || !isObject(link)) return { raw: annotation };
    return defined({
      url: textIn(link["url"]),
      title: textIn(link["title"]),
      start: position(link["start_index"]),
      end: position(link["end_index"]),
      quote: textIn(link["content"]),
    });
  });
};

/** A citation and the characters of the whole answer that it stands for, unless it says so itself. */
export type Cited = {
  readonly citation: Citation;
  /** Where its text part begins and ends in the answer. */
  readonly from: number;
  readonly to: number;
};

const annotation = ({ citation, from, to }: Cited) => ({
  type: "url_citation",
  url_citation: {
    url: citation.url ?? "",
    title: citation.title ?? "",
    start_index: citation.start === undefined ? from : from + citation.start,
    end_index: citation.end === undefined ? to : from + citation.end,
    ...(citation.quote === undefined ? {} : { content: citation.quote }),
  },
});

/** Fields of a message or of a delta; none where there are no citations. */
export const citationFields = (cited: readonly Cited[]): Record<string, unknown> => {
  const linked = cited.filter(({ citation }) => citation.url !== undefined);
  const others = cited.filter(({ citation }) => citation.url === undefined);
  return {
    ...(linked.length > 0 ? { annotations: linked.map(annotation) } : {}),
    ...(others.length > 0
      ? { citations: others.map(({ citation }) => citation.raw ?? citation) }
      : {}),
  };
};
