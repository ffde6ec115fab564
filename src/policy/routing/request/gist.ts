/**
 * Decides: the shape in which routing sees a request of any dialect: who said what, what it needs.
 * Never: copies text; the strings are the body's own.
 */
import type { Capability } from "../../../domain/target.ts";

export type Role = "system" | "user" | "assistant" | "tool";

export type Turn = { readonly role: Role; readonly texts: readonly string[] };

export type Gist = {
  readonly turns: readonly Turn[];
  /** What the request cannot be served without, each with the field that says so. */
  readonly needs: ReadonlyMap<Capability, string>;
  readonly images: number;
  readonly files: number;
  /** Characters of base64. */
  readonly audio: number;
  readonly tools: number;
  /** Characters of the tools' descriptions and of all schemas. */
  readonly schema: number;
  /** Tokens; undefined where the caller set no cap. */
  readonly outputCap: number | undefined;
};

/** A gist while it is being read. */
export type Sketch = {
  turns: { role: Role; texts: string[] }[];
  needs: Map<Capability, string>;
  images: number;
  files: number;
  audio: number;
  tools: number;
  schema: number;
  outputCap: number | undefined;
};

export const emptySketch = (): Sketch => ({
  turns: [],
  needs: new Map(),
  images: 0,
  files: 0,
  audio: 0,
  tools: 0,
  schema: 0,
  outputCap: undefined,
});

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const need = (sketch: Sketch, capability: Capability, field: string): void => {
  if (!sketch.needs.has(capability)) sketch.needs.set(capability, field);
};

/** A piece of media by its MIME type. `size`: characters of base64, 0 where only a link is known. */
export const addMedia = (sketch: Sketch, type: string, field: string, size = 0): void => {
  if (type.startsWith("image/") || type.startsWith("video/")) {
    sketch.images += 1;
    need(sketch, "vision", field);
  } else if (type.startsWith("audio/")) {
    sketch.audio += size;
    need(sketch, "audio", field);
  } else sketch.files += 1;
};

/** Characters of every key and string within a value: about what a model reads of a schema. */
export const weigh = (value: unknown): number => {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 4;
  let characters = 0;
  // Depth is bounded: the body was scanned for it before it was parsed.
  for (const [key, inner] of Object.entries(value)) {
    characters += (Array.isArray(value) ? 1 : key.length + 4) + weigh(inner);
  }
  return characters;
};

export const addTools = (sketch: Sketch, tools: readonly unknown[], field: string): void => {
  if (tools.length === 0) return;
  sketch.tools += tools.length;
  sketch.schema += weigh(tools);
  need(sketch, "tools", field);
};

/** A cap that is no count is somebody else's to refuse. */
export const cap = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;

/** A conversation whose last word is the assistant's asks to be continued. */
export const endsWithAssistant = (sketch: Sketch): boolean =>
  sketch.turns.at(-1)?.role === "assistant";
