/**
 * Decides: how a test gets a database with the shipped migrations in it.
 * Never: keeps a schema of its own.
 */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type {} from "vite/types/importMeta.d.ts";

const files = import.meta.glob<string>("../../src/platform/sql/*.sql", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Our migrations leave a blank line between statements, and none inside one. */
const statements = (sql: string): string[] =>
  sql
    .replace(/^\s*--.*\n/gm, "")
    .split(/\n\s*\n/)
    .map((text) => text.trim())
    .filter((text) => text !== "");

export async function migrated(): Promise<D1Database> {
  const migrations = Object.keys(files)
    .sort()
    .map((name) => ({ name, queries: statements(files[name] ?? "") }));
  await applyD1Migrations(env.DB, migrations);
  return env.DB;
}
