/**
 * Decides: whether a text is one safe JSON object, and where its top-level fields stand in it.
 * Never: rewrites what nobody edits: a field unknown to the gateway leaves as the bytes it came in.
 */

/** Positions in `text`: of the key's opening quote, and of the value's first and one past its last character. */
export type Span = { readonly key: number; readonly start: number; readonly end: number };

export type JsonBody = {
  readonly text: string;
  readonly value: Record<string, unknown>;
  readonly spans: ReadonlyMap<string, Span>;
};
