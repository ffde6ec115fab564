/**
 * Decides: how the versions of the configuration are kept, each with its row in the audit.
 * Never: alters or removes one (triggers refuse it), and never lets two writers make the same version.
 */
import shipped from "../../headgate.config.json" with { type: "json" };
import { auditStatement, type By, happened } from "./audit.ts";
import { sha256 } from "./crypto.ts";

export type Saved = {
  readonly version: number;
  /** Strong, quotes included. */
  readonly etag: string;
  /** JSON text. */
  readonly document: string;
};

/** A line of the list of versions. `at` is in milliseconds; null for the document in the code. */
export type Version = {
  readonly version: number;
  readonly etag: string;
  readonly at: number | null;
  readonly actor: string;
};

export type Versions = {
  /** The version in force: the newest one, else the document shipped with the code. */
  head(): Promise<Saved>;
  get(version: number): Promise<Saved | undefined>;
  /** Newest first, below version `before`; one more than `limit` where there is more. */
  list(before: number, limit: number): Promise<readonly Version[]>;
  /** Appends behind `head`, at once with its audit row; undefined where somebody else was faster. */
  append(head: Saved, document: string, change: Change): Promise<Saved | undefined>;
};

export type Change = By & { readonly at: number; readonly action: string };

const etagOf = async (version: number, document: string): Promise<string> =>
  `"v${version}-${(await sha256(document)).slice(0, 16)}"`;

/** Version 0: what is in force before anybody has put a configuration. */
async function first(): Promise<Saved> {
  const document = JSON.stringify(shipped);
  return { version: 0, etag: await etagOf(0, document), document };
}

export function createVersions(db: D1Database): Versions {
  const row = (where: string, ...values: readonly number[]): Promise<Saved | null> =>
    db
      .prepare(`SELECT version, etag, document FROM config_versions ${where}`)
      .bind(...values)
      .first<Saved>();

  return {
    head: async () => (await row("ORDER BY version DESC LIMIT 1")) ?? first(),
    get: async (version) =>
      version === 0 ? first() : ((await row("WHERE version = ?", version)) ?? undefined),

    async list(before, limit) {
      const { results } = await db
        .prepare(
          `SELECT version, etag, at, actor FROM config_versions WHERE version < ?
           ORDER BY version DESC LIMIT ?`,
        )
        .bind(before, limit + 1)
        .all<Version>();
      if (results.length > limit || before <= 0) return results;
      return [...results, { version: 0, etag: (await first()).etag, at: null, actor: "shipped" }];
    },

    async append(head, document, change) {
      const version = head.version + 1;
      const etag = await etagOf(version, document);
      // The version that was read must still be the newest one when this is written.
      const [made] = await db.batch([
        db
          .prepare(
            `INSERT INTO config_versions (version, etag, document, at, actor)
             SELECT ?, ?, ?, ?, ?
             WHERE (SELECT COALESCE(MAX(version), 0) FROM config_versions) = ?`,
          )
          .bind(version, etag, document, change.at, change.actor, head.version),
        auditStatement(db, {
          ...change,
          target: `config/${version}`,
          before: await sha256(head.document),
          after: await sha256(document),
        }),
      ]);
      return happened(made) ? { version, etag, document } : undefined;
    },
  };
}
