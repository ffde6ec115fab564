/**
 * Decides: how a test gets a database with the shipped migrations in it.
 * Never: keeps a schema of its own.
 */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import tenants from "../../src/platform/sql/0001-tenants.sql";
import config from "../../src/platform/sql/0002-config.sql";
import breakers from "../../src/platform/sql/0003-breakers.sql";
import usage from "../../src/platform/sql/0004-usage.sql";
import objects from "../../src/platform/sql/0005-objects.sql";
import cache from "../../src/platform/sql/0006-cache.sql";
import type { FreshRows } from "../../src/platform/usage-reads.ts";

const MIGRATIONS = {
  "0001-tenants.sql": tenants,
  "0002-config.sql": config,
  "0003-breakers.sql": breakers,
  "0004-usage.sql": usage,
  "0005-objects.sql": objects,
  "0006-cache.sql": cache,
};

/** Our migrations leave a blank line between statements, and none inside one. */
const statements = (sql: string): string[] =>
  sql
    .replace(/^\s*--.*\n/gm, "")
    .split(/\n\s*\n/)
    .map((text) => text.trim())
    .filter((text) => text !== "");

export async function migrated(): Promise<D1Database> {
  await applyD1Migrations(
    env.DB,
    Object.entries(MIGRATIONS).map(([name, sql]) => ({ name, queries: statements(sql) })),
  );
  return env.DB;
}

/** Where no organisation has an object, there is nobody to tell. */
export const noObjects = { tellObject: async () => {}, tellTenant: async () => {} };

/** Where no organisation has an object, none has rows that the database has not. */
export const noFreshRows: FreshRows = { row: async () => undefined, newest: async () => [] };
