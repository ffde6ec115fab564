/**
 * Decides: what `demo-embedding` answers: a short unit vector that depends on the text's letters alone.
 * Never: means anything; it is there so that clients and stores can be tried without a provider.
 */
import { vectorToBase64 } from "../../dialects/openai-embeddings.ts";

const DIMENSIONS = 64;
const MOST_DIMENSIONS = 4096;
/** OpenAI's own maximum. */
const MOST_INPUTS = 2_048;
/** In one answer: some five megabytes of digits. */
const MOST_NUMBERS = 262_144;

const words = (text: string): readonly string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** FNV-1a, 32 bit. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
};

const vector = (text: string, dimensions: number): readonly number[] => {
  const sums = new Array<number>(dimensions).fill(0);
  for (const word of [...words(text), ""]) {
    const code = hash(word);
    const at = code % dimensions;
    sums[at] = (sums[at] ?? 0) + (code & 0x10000 ? 1 : -1);
  }
  const length = Math.hypot(...sums);
  // Opposite words may cancel out; a unit vector is promised all the same.
  return length === 0 ? sums.map((_, at) => (at === 0 ? 1 : 0)) : sums.map((sum) => sum / length);
};

const textsOf = ({ input }: Record<string, unknown>): readonly unknown[] =>
  Array.isArray(input) && typeof input[0] !== "number" ? input : [input];

const dimensionsOf = ({ dimensions: asked }: Record<string, unknown>): number =>
  typeof asked === "number" ? Math.min(asked, MOST_DIMENSIONS) : DIMENSIONS;

/** The field that asks for more than one answer holds; undefined where none does. */
export const tooMuchIn = (body: Record<string, unknown>): "input" | "dimensions" | undefined => {
  const { length } = textsOf(body);
  if (length > MOST_INPUTS) return "input";
  return length * dimensionsOf(body) > MOST_NUMBERS ? "dimensions" : undefined;
};

/** `body` is an OpenAI embeddings request in which nothing is too much. */
export const demoEmbeddings = (body: Record<string, unknown>): Record<string, unknown> => {
  const texts = textsOf(body);
  const dimensions = dimensionsOf(body);
  const count = texts.reduce((sum: number, text: unknown) => sum + words(String(text)).length, 0);
  return {
    object: "list",
    data: texts.map((text: unknown, index: number) => {
      const values = vector(typeof text === "string" ? text : JSON.stringify(text), dimensions);
      return {
        object: "embedding",
        index,
        embedding: body["encoding_format"] === "base64" ? vectorToBase64(values) : values,
      };
    }),
    model: "demo-embedding",
    usage: { prompt_tokens: count, total_tokens: count },
  };
};
