/**
 * Decides: the secrets of a local gateway: made at random where there is no .dev.vars.
 * Never: touches a .dev.vars that is there, and never prints what is in it.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { missingRoots, type Roots, rootsOf } from "../src/platform/roots.ts";

const FILE = ".dev.vars";

const fresh = (): string => `# Secrets of your local gateway, made by \`npm start\`. Not for git.
# Provider keys go here too, under the names that the configuration refers to.
ADMIN_TOKEN=${randomBytes(24).toString("base64url")}
KEY_PEPPER=${randomBytes(32).toString("base64")}
MASTER_KEY=${randomBytes(32).toString("base64")}
`;

/** The root secrets from .dev.vars; where some are missing or it cannot be read, the sentence that says so. */
export function localRoots(): Roots | string {
  let vars: NodeJS.Dict<string>;
  try {
    if (!existsSync(FILE)) writeFileSync(FILE, fresh(), { mode: 0o600, flag: "wx" });
    vars = parseEnv(readFileSync(FILE, "utf8"));
  } catch (error) {
    return `${FILE} cannot be made or read: ${error instanceof Error ? error.message : ""}`;
  }
  const missing = missingRoots(vars);
  const roots = rootsOf(vars);
  if (roots !== undefined) return roots;
  return `${FILE} lacks ${missing.join(", ")}. Add ${missing.length === 1 ? "it" : "them"} as NAME=value, with long random values; or remove the file, and the next start makes a new one.`;
}
