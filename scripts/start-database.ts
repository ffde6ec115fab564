/**
 * Decides: what is in the local database before the gateway starts: every migration, and a key to use.
 * Never: leaves the machine, and never changes what a person has made.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getPlatformProxy, unstable_readConfig, unstable_splitSqlQuery } from "wrangler";
import { BASE36, BASE62, lettersOf } from "../src/base/ids.ts";
import { ID_LENGTH, SECRET_LENGTH } from "../src/domain/api-key.ts";
import { DATA_SCOPES } from "../src/domain/tenant.ts";
import { auditStatement } from "../src/platform/audit.ts";
import { createKeyCrypto, derive } from "../src/platform/crypto.ts";
import { withdraw } from "../src/platform/keys-published.ts";
import { insertKey, type StoredKey } from "../src/platform/keys-rows.ts";
import type { Roots } from "../src/platform/roots.ts";

const MIGRATIONS = "src/platform/sql";
/** Where `wrangler dev` keeps local state, below the project. */
const STATE = ".wrangler/state";
const by = { actor: "npm start", requestId: undefined, before: undefined, after: undefined };

/** Prepares the state below `folder` (wrangler's own where undefined); gives the key of `dev`. */
export async function prepare(folder: string | undefined, roots: Roots): Promise<string> {
  const config = storesAlone();
  const { env, dispose } = await getPlatformProxy<{ DB: D1Database; KV: KVNamespace }>({
    configPath: join(config, "wrangler.json"),
    remoteBindings: false,
    // As `wrangler dev --persist-to` does.
    persist: { path: join(folder ?? STATE, "v3") },
  });
  try {
    await migrate(env.DB);
    return await seed(env.DB, env.KV, roots);
  } finally {
    await dispose();
    rmSync(config, { recursive: true, force: true });
  }
}

/**
 * A folder with a configuration of the database and KV alone. Without the Worker's code, its Durable Objects
 * would be announced as missing to whoever starts the gateway.
 */
function storesAlone(): string {
  const { name, compatibility_date, kv_namespaces, d1_databases } = unstable_readConfig({
    config: "wrangler.toml",
  });
  const folder = mkdtempSync(join(tmpdir(), "headgate-stores-"));
  const stores = { name, compatibility_date, kv_namespaces, d1_databases };
  writeFileSync(join(folder, "wrangler.json"), JSON.stringify(stores));
  return folder;
}

/** Does and notes what `wrangler d1 migrations apply` does, without starting it. */
async function migrate(db: D1Database): Promise<void> {
  await db
    .prepare(
      `CREATE TABLE IF NOT EXISTS d1_migrations (
         id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
         applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
    )
    .run();
  const { results } = await db.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const names = readdirSync(MIGRATIONS).filter((name) => name.endsWith(".sql"));
  for (const name of names.sort().filter((each) => !applied.has(each))) {
    const statements = unstable_splitSqlQuery(readFileSync(join(MIGRATIONS, name), "utf8"));
    await db.batch([
      ...statements.map((sql) => db.prepare(sql)),
      db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
}

/** Organisation `dev` and its one key, which follow from MASTER_KEY and so are the same each time. */
async function seed(db: D1Database, kv: KVNamespace, roots: Roots): Promise<string> {
  const derived = async (purpose: string, alphabet: string, length: number): Promise<string> =>
    lettersOf(await derive(roots.masterKey, purpose), alphabet, length);
  const at = Date.now();

  await db.batch([
    db
      .prepare(
        `INSERT INTO orgs (id, tenant, name, policy, created_at)
         VALUES ('dev', ?, 'Development', '{}', ?) ON CONFLICT (id) DO NOTHING`,
      )
      .bind(await derived("dev tenant", BASE36, ID_LENGTH), at),
    auditStatement(db, { ...by, at, action: "org.create", target: "org/dev" }),
  ]);
  // Not the derived one where somebody has made the organisation anew.
  const tenant = await db
    .prepare("SELECT tenant FROM orgs WHERE id = 'dev'")
    .first<string>("tenant");
  const id = await derived("dev key", BASE36, ID_LENGTH);
  const secret = await derived("dev secret", BASE62, SECRET_LENGTH);
  const { key, ...kept } = await createKeyCrypto(roots).mint(tenant ?? "", id, secret);
  const there = await db.prepare("SELECT digest FROM keys WHERE id = ?").bind(id).first("digest");
  if (there === kept.digest) return key;

  const made: StoredKey = {
    ...{ id, org: "dev", team: null, user: null, name: "npm start", tags: {}, policy: {} },
    ...{ scopes: DATA_SCOPES, expires_at: null, created_at: at, rotated_to: null },
    last4: kept.last4,
  };
  await db.batch([
    // It is there if it was kept under a pepper that is no more.
    db.prepare("DELETE FROM keys WHERE id = ?").bind(id),
    insertKey(db, made, tenant ?? "", kept),
    auditStatement(db, { ...by, at, action: "key.create", target: `key/${id}` }),
  ]);
  await withdraw(kv, [id], at);
  return key;
}
