/**
 * Decides: whether headgate.config.json, the first version of the configuration, can be used.
 * Never: judges a version that was put later; the gateway itself does.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../src/domain/config/validate.ts";

const NAME = "headgate.config.json";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "");

/** What is wrong with the file of `folder`, for people, each mistake with its path; undefined where nothing is. */
export const seedProblems = (folder: string): string | undefined => {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(join(folder, NAME), "utf8"));
  } catch (error) {
    return error instanceof SyntaxError
      ? `${NAME} is not JSON: ${messageOf(error)}`
      : `${NAME} cannot be read: ${messageOf(error)}`;
  }
  // Which addresses are let through is a variable of the Worker, and asked again before each call.
  const parsed = parseConfig(document, { allowPrivate: true });
  if (parsed.ok) return undefined;
  const lines = parsed.error.map(({ path, message }) => `  ${path || "the document"}: ${message}`);
  return [`${NAME} cannot be used:`, ...lines].join("\n");
};
