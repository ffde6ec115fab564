/**
 * Decides: how what is wrong with a document is told: one path and one sentence for each fault.
 * Never: repeats a value of the document; only its keys stand in paths.
 */
import type * as z from "zod";

/** `path` is written like code: `models.gpt-4o.price.input`, `canaries[0].percent`; "" is the whole. */
export type Problem = { readonly path: string; readonly message: string };

/** The message of a field that does not exist where it stands. */
export const UNKNOWN_FIELD = "unknown field";

export type PathKey = string | number;

/** A problem whose path is not written yet. */
export type Fault = readonly [path: readonly PathKey[], message: string];

export const pathOf = (keys: readonly PathKey[]): string =>
  keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    return path === "" ? key : `${path}.${key}`;
  }, "");

const asKeys = (path: readonly PropertyKey[]): PathKey[] =>
  path.map((key) => (typeof key === "symbol" ? key.toString() : key));

type Branch = readonly z.core.$ZodIssue[];

/** Takes the empty text and nothing else: it says nothing of what is wanted. */
const takesNothing = (branch: Branch): boolean =>
  branch.every((issue) => issue.code === "invalid_value" && issue.values.join() === "");

/** Of a union's branches the one that fits best: whose first fault lies deepest. */
function closest(all: readonly Branch[]): Branch {
  const telling = all.filter((branch) => !takesNothing(branch));
  const branches = telling.length > 0 ? telling : all;
  const depth = (branch: Branch): number =>
    Math.max(0, ...branch.map((issue) => issue.path.length + extraDepth(issue)));
  return branches.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best));
}

// An unknown key is reported at the object that holds it, one level above the key itself.
const extraDepth = (issue: z.core.$ZodIssue): number =>
  issue.code === "unrecognized_keys" ? 1 : 0;

function problemsOf(issue: z.core.$ZodIssue, above: readonly PathKey[]): Problem[] {
  const here = [...above, ...asKeys(issue.path)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: pathOf([...here, key]), message: UNKNOWN_FIELD }));
    case "invalid_key":
      return issue.issues.flatMap((inner) => ({ path: pathOf(here), message: inner.message }));
    case "invalid_union": {
      const branch = issue.errors.length === 0 ? [] : closest(issue.errors);
      const found = branch.flatMap((inner) => problemsOf(inner, here));
      return found.length > 0 ? found : [{ path: pathOf(here), message: issue.message }];
    }
    default:
      return [{ path: pathOf(here), message: issue.message }];
  }
}

/** The problems behind a schema's refusal, in the order of the document. */
export const problemsOfError = (error: z.core.$ZodError): Problem[] =>
  error.issues.flatMap((issue) => problemsOf(issue, []));
