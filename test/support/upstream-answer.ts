/**
 * Decides: what a healthy test upstream says: always the same sixty words, or what the request's tools and
 * schema ask for, with known usage figures.
 * Never: knows a wire format.
 */

const WORDS = `One gateway stands before many models and every caller keeps the client that it already has.
It counts what is used, holds what is promised, and tries the next model when one falls silent. The words
arrive in the order in which they were written, none twice and none missing, so that a test can compare
them all at once.`;

/** Sixty tokens, one word each, with the space before it: what streams carry one by one. */
export const TOKENS: readonly string[] = WORDS.split(/\s+/).map((word, index) =>
  index === 0 ? word : ` ${word}`,
);
export const TEXT = TOKENS.join("");

export type ToolAnswer = { readonly id: string; readonly name: string; readonly input: unknown };

export type Answer = {
  /** Pieces of the text as a stream carries them. Empty when tools are called. */
  readonly tokens: readonly string[];
  readonly tools: readonly ToolAnswer[];
  readonly finish: "stop" | "length" | "tools";
  readonly usage: Figures | undefined;
};

/** Whole input, the cached part of it, and output. */
export type Figures = { readonly input: number; readonly cached: number; readonly output: number };
export const INPUT_TOKENS = 25;
const CACHED_TOKENS = 5;

/** What every dialect's reader finds in a request. */
export type Asked = {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly tools: readonly { readonly name: string; readonly schema: unknown }[];
  readonly schema: unknown;
  readonly maxTokens: number | undefined;
  /** Of the last message. */
  readonly lastRole: "user" | "assistant" | "tool";
};

export const answerTo = (asked: Asked): Answer => {
  if (asked.tools.length > 0 && asked.lastRole !== "tool") {
    const tools = asked.tools.map(({ name, schema }, index) => ({
      id: `call_${index + 1}`,
      name,
      input: example(schema),
    }));
    return { tokens: [], tools, finish: "tools", usage: figures(10 * tools.length) };
  }
  const all = asked.schema === undefined ? TOKENS : pieces(JSON.stringify(example(asked.schema)));
  const tokens = all.slice(0, asked.maxTokens ?? all.length);
  const finish = tokens.length < all.length ? "length" : "stop";
  return { tokens, tools: [], finish, usage: figures(tokens.length) };
};

const figures = (output: number): Figures => ({
  input: INPUT_TOKENS,
  cached: CACHED_TOKENS,
  output,
});

/** Splits a text as a provider would: a few characters an event. */
export const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/g) ?? [];

type Schema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
};

/** The smallest value that satisfies a JSON Schema of objects, arrays and scalars. */
const example = (schema: unknown): unknown => {
  const { type, enum: values, properties, items } = (schema ?? {}) as Schema;
  if (values !== undefined) return values[0];
  switch (type?.toLowerCase()) {
    case "string":
      return "Paris";
    case "number":
    case "integer":
      return 7;
    case "boolean":
      return true;
    case "array":
      return [example(items)];
    default:
      return Object.fromEntries(
        Object.entries(properties ?? {}).map(([name, inner]) => [name, example(inner)]),
      );
  }
};
