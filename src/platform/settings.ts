/**
 * Decides: how a configuration is checked, put in force, listed and taken back.
 * Never: takes a part of a document, and never loses a race in silence.
 */
import { type Clock, sleep } from "../base/clock.ts";
import { err, ok, type Result } from "../base/result.ts";
import { addressChanges } from "../domain/config/address-changes.ts";
import type { Problem } from "../domain/config/problems.ts";
import type { Config } from "../domain/config/schema.ts";
import { compile } from "../domain/config/snapshot.ts";
import type { ModelTable } from "../domain/config/targets.ts";
import { parseConfig } from "../domain/config/validate.ts";
import { type Warning, warningsFor } from "../domain/config/warnings.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Secrets } from "../ports.ts";
import type { By } from "./audit.ts";
import type { CurrentSettings } from "./settings-current.ts";
import type { PublishedSettings } from "./settings-published.ts";
import type { Saved, Version, Versions } from "./settings-versions.ts";

/** Bytes of JSON text. Far above 1,000 models; a row of D1 takes 2 MB. */
const MAX_BYTES = 1_500_000;
/** Milliseconds. KV takes one write a second under one name. */
const PUBLISH_AGAIN = 1_500;

export type Put = {
  readonly version: number;
  readonly etag: string;
  readonly warnings: readonly Warning[];
};

export type Putting = {
  readonly by: By;
  /** Whether base URLs may be changed. */
  readonly owner: boolean;
  /** The If-Match header: the change is refused unless one of its etags is in force. */
  readonly ifMatch: string | undefined;
};

export type SettingsAdmin = {
  /** What is in force, from the source. */
  read(): Promise<Saved>;
  /** `invalid_config` with every problem, or the warnings. */
  validate(document: unknown): Result<readonly Warning[], Failure>;
  /** `invalid_config`, `version_conflict`, or `scope_missing` where an owner is needed. */
  put(document: unknown, how: Putting): Promise<Result<Put, Failure>>;
  /** Puts the document of an earlier version again, as a new one. `not_found` where there is none. */
  rollback(version: number, how: Putting): Promise<Result<Put, Failure>>;
  /** Newest first, below version `before`; one more than `limit` where there is more. */
  list(before: number, limit: number): Promise<readonly Version[]>;
};

export type SettingsParts = {
  readonly versions: Versions;
  readonly published: PublishedSettings;
  /** What this isolate uses: a version that is put here is used here at once. */
  readonly current: Pick<CurrentSettings, "adopt">;
  readonly clock: Clock;
  readonly secrets: Secrets;
  /** ALLOW_PRIVATE_UPSTREAMS. */
  readonly allowPrivate: boolean;
  readonly table: ModelTable;
  /** Whether this deployment has one. */
  readonly hasVectorize?: boolean;
  readonly background: (work: Promise<unknown>) => void;
};

const invalid = (problems: readonly Problem[]): Failure => {
  const path = problems[0]?.path ?? "";
  return failure("invalid_config", { details: problems, ...(path !== "" && { param: path }) });
};

/**
 * Whether an If-Match header names the etag. Quotes may be missing; `W/` is what the network makes of an etag when
 * it compresses the answer (RFC 9110 would refuse it, and whoever read that answer could then change nothing).
 */
const names = (header: string, etag: string): boolean =>
  header
    .split(",")
    .map((part) => part.trim().replace(/^W\//, ""))
    .some((part) => part === "*" || part === etag || `"${part}"` === etag);

export function createSettings(parts: SettingsParts): SettingsAdmin {
  const { versions, published, current, clock, secrets, table, background } = parts;
  const rules = { allowPrivate: parts.allowPrivate };

  const check = (document: unknown): Result<{ config: Config; text: string }, Failure> => {
    const parsed = parseConfig(document, rules);
    if (!parsed.ok) return err(invalid(parsed.error));
    const text = JSON.stringify(parsed.value);
    if (new TextEncoder().encode(text).length > MAX_BYTES) {
      const message = `the document is larger than ${MAX_BYTES} bytes of JSON`;
      return err(invalid([{ path: "", message }]));
    }
    return ok({ config: parsed.value, text });
  };
  const warningsOf = (config: Config): readonly Warning[] =>
    warningsFor(
      compile(config, { version: 0, table }),
      (name) => secrets.get(name) !== undefined,
      parts.hasVectorize,
    );

  const publish = async (saved: Saved): Promise<void> => {
    const later = () => sleep(clock, PUBLISH_AGAIN);
    await published.publish(saved).catch(() =>
      background(
        later()
          .then(() => published.publish(saved))
          .catch(() => undefined),
      ),
    );
  };

  async function put(
    document: unknown,
    { by, owner, ifMatch }: Putting,
    action: string,
  ): Promise<Result<Put, Failure>> {
    const checked = check(document);
    if (!checked.ok) return checked;
    const { config, text } = checked.value;
    for (;;) {
      const head = await versions.head();
      if (ifMatch !== undefined && !names(ifMatch, head.etag)) {
        return err(failure("version_conflict", { param: "if-match" }));
      }
      const guarded = addressChanges(JSON.parse(head.document) as Config, config)[0];
      if (guarded !== undefined && !owner) return err(failure("scope_missing", { param: guarded }));
      const saved = await versions.append(head, text, { ...by, at: clock.now(), action });
      // Somebody else was faster: the checks above are made again, against their version.
      if (saved === undefined) continue;
      current.adopt(saved);
      await publish(saved);
      return ok({ version: saved.version, etag: saved.etag, warnings: warningsOf(config) });
    }
  }

  return {
    read: versions.head,
    validate(document) {
      const checked = check(document);
      return checked.ok ? ok(warningsOf(checked.value.config)) : checked;
    },
    put: (document, how) => put(document, how, "config.put"),
    async rollback(version, how) {
      const saved = await versions.get(version);
      if (saved === undefined) return err(failure("not_found", { param: "version" }));
      return put(JSON.parse(saved.document), how, "config.rollback");
    },
    list: versions.list,
  };
}
