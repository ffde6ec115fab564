/**
 * Decides: what a Gemini model's name tells of its abilities, where the API differs by generation.
 * Never: knows a list of models; a new name of a known generation works as it is.
 */

/** 2.5 for "gemini-2.5-flash"; Infinity for the "-latest" names, which follow the newest; undefined elsewhere. */
const generation = (model: string): number | undefined => {
  const named = /gemini-(\d+(?:\.\d+)?)/.exec(model)?.[1];
  if (named !== undefined) return Number(named);
  return /gemini-.*latest/.test(model) ? Number.POSITIVE_INFINITY : undefined;
};

/** Generation 3 takes thinking levels, signatures on every tool call, and media inside a tool's result. */
export const isThirdGeneration = (model: string): boolean => (generation(model) ?? 0) >= 3;

/** Whether `thinkingConfig` is understood; a model that does not think answers it with 400. */
export const canThink = (model: string, capabilities: ReadonlySet<string>): boolean =>
  (generation(model) ?? 0) >= 2.5 || capabilities.has("reasoning");

/** The Pro models cannot be told not to think. */
export const isPro = (model: string): boolean => /-pro\b/.test(model);
