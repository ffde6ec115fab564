/**
 * Decides: which requests are near enough to be compared at all: everything but the words of the last
 * user turn has to be the same. (faults.md F82)
 * Never: compares; what is in another partition does not exist.
 */
import { isRecord } from "../../../base/record.ts";
import { canonicalJson } from "../canonical-json.ts";
import { type KeyOf, keyHead } from "../key.ts";
import { fieldsThatMatter } from "../key-fields.ts";
import { MOST } from "./words.ts";

/** Another rule of what a turn is, other weights: what was learnt before is of another kind. */
const VERSION = 2;

export type Asked = {
  /** To be digested; with it, vectors of different embedders never meet. */
  readonly partition: string;
  /** The words of the last user turn. */
  readonly turn: string;
};

/** Stands where the words were; no body can hold it, for it is no text. */
const HERE = { "": "turn" } as const;

type Found = { readonly turn: string; readonly rest: unknown };

const split = (
  parts: readonly unknown[],
  isText: (part: Record<string, unknown>) => boolean,
): Found | undefined => {
  const texts = parts.filter((part) => isRecord(part) && isText(part));
  const [only] = texts;
  // Of several texts nobody knows which one asks.
  if (texts.length !== 1 || !isRecord(only) || typeof only["text"] !== "string") return undefined;
  const rest = parts.map((part) => (part === only ? { ...only, text: HERE } : part));
  return { turn: only["text"], rest };
};

const lastTurn = (
  turns: unknown,
  field: "content" | "parts",
  isText: (part: Record<string, unknown>) => boolean,
): Found | undefined => {
  const last = Array.isArray(turns) ? turns.at(-1) : undefined;
  if (!(Array.isArray(turns) && isRecord(last))) return undefined;
  if ((last["role"] ?? "user") !== "user" || !Array.isArray(last[field])) return undefined;
  const found = split(last[field], isText);
  if (found === undefined) return undefined;
  return { turn: found.turn, rest: [...turns.slice(0, -1), { ...last, [field]: found.rest }] };
};

const isTextBlock = ({ type }: Record<string, unknown>): boolean => type === "text";
const isTextPart = (part: Record<string, unknown>): boolean => "text" in part;

/**
 * Undefined where the last word is not the user's, is not one text, is empty, or is too long to be judged.
 * `embedder`: its configured name.
 */
export const askedOf = (of: KeyOf, embedder: string): Asked | undefined => {
  if (of.endpoint === "embeddings") return undefined;
  const gemini = of.dialect === "gemini";
  const fields = fieldsThatMatter(of.dialect, of.body);
  const name = gemini ? "contents" : "messages";
  const found = gemini
    ? lastTurn(fields[name], "parts", isTextPart)
    : lastTurn(fields[name], "content", isTextBlock);
  const turn = found?.turn.trim() ?? "";
  if (found === undefined || turn === "" || turn.length > MOST) return undefined;
  const rest = canonicalJson({ ...fields, [name]: found.rest });
  return {
    turn,
    partition: `semantic ${VERSION} ${JSON.stringify(embedder)}\n${keyHead(of)}\n${rest}`,
  };
};
