/**
 * Decides: what the shipped table knows of a model: price, window, longest answer, capabilities.
 * Never: holds a figure itself (model-table.json, written by scripts/prices.ts) or wins over the configuration.
 */
import { own } from "../../base/record.ts";
import type { ModelFacts } from "../../domain/config/targets.ts";
import type { Capability, Price, ProviderKind } from "../../domain/target.ts";
import table from "./model-table.json" with { type: "json" };

/** Which table a cost was worked out with: the day of its newest figure and a hash. Stands on every record. */
export const PRICE_VERSION: string = table.version;

const lines: Readonly<Record<string, Readonly<Record<string, string>>>> = table.providers;

/** `input=2500000 output=10000000 above=200000:5000000:15000000 context=128000 max_output=16384 json tools` */
const readLine = (line: string): ModelFacts => {
  const figures = new Map<string, number>();
  const capabilities = new Set<Capability>();
  let above: Price["above"];
  for (const word of line.split(" ")) {
    const [name = "", value] = word.split("=");
    if (value === undefined) capabilities.add(name as Capability);
    else if (name === "above") {
      const [tokens = 0, input = 0, output = 0] = value.split(":").map(Number);
      above = { tokens, input, output };
    } else figures.set(name, Number(value));
  }
  const context = figures.get("context");
  const maxOutput = figures.get("max_output");
  figures.delete("context");
  figures.delete("max_output");
  const priced = figures.has("input");
  const price = { ...Object.fromEntries(figures), ...(above && { above }) } as Price;
  return { price: priced ? price : undefined, context, maxOutput, capabilities };
};

/** A version's date at the end of a name: `-2024-08-06`, `-20250929`, Vertex's `@20250929`. */
const DATE = /[-@](?:\d{4}-\d{2}-\d{2}|\d{8})$/;
/** Google's names may come as resources, and with the number of a stable version. */
const RESOURCE = /^(?:publishers\/google\/)?models\//;
const STABLE = /-\d{3}$/;

/** OpenRouter writes Anthropic's versions with a dot, and takes them with a hyphen. */
const HYPHENED = /^(anthropic\/.*-\d)-(\d)$/;

/** The names under which a model may stand, the exact one first: a dated version may have its own price. */
const namesOf = (kind: ProviderKind, upstream: string): readonly string[] => {
  const lower = upstream.toLowerCase();
  const name = kind === "gemini" ? lower.replace(RESOURCE, "") : lower;
  const other = kind === "gemini" ? name.replace(STABLE, "") : name.replace(HYPHENED, "$1.$2");
  return [name, name.replace(DATE, ""), other];
};

const read = new Map<string, ModelFacts>();

/**
 * The model that `kind` of provider calls `upstream`; undefined where the table does not know it.
 * Upper and lower case are one; a dated name falls back to its undated one.
 */
export const lookupModel = (kind: ProviderKind, upstream: string): ModelFacts | undefined => {
  const models = lines[kind];
  if (models === undefined) return undefined;
  for (const name of namesOf(kind, upstream)) {
    const line = own(models, name);
    if (line === undefined) continue;
    const key = `${kind} ${name}`;
    const known = read.get(key) ?? readLine(line);
    read.set(key, known);
    return known;
  }
  return undefined;
};
