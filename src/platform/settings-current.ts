/**
 * Decides: which version of the configuration an isolate uses, and when it looks for a newer one.
 * Never: goes back to an older version, and never makes a request wait while what it has is young.
 */
import type { Clock } from "../base/clock.ts";
import type { Config } from "../domain/config/schema.ts";
import { compile, type Snapshot } from "../domain/config/snapshot.ts";
import type { ModelTable } from "../domain/config/targets.ts";
import type { Settings } from "../ports.ts";
import type { PublishedSettings } from "./settings-published.ts";
import type { Saved, Versions } from "./settings-versions.ts";

/** Milliseconds. Until then nobody looks. */
const FRESH = 5_000;
/** Milliseconds. Until then the next request starts a look and does not wait for it. */
const USABLE = 8_000;

export type CurrentSettings = Settings & {
  /** Takes a version into use here; an older one than the one in use is ignored. */
  adopt(saved: Saved): Snapshot;
};

export type CurrentParts = {
  readonly versions: Versions;
  readonly published: PublishedSettings;
  readonly clock: Clock;
  readonly table: ModelTable;
  readonly background: (work: Promise<unknown>) => void;
};

export function createCurrentSettings(parts: CurrentParts): CurrentSettings {
  const { versions, published, clock, table, background } = parts;
  let held: { readonly snapshot: Snapshot; readonly at: number } | undefined;
  let looking = false;

  const adopt = (saved: Saved): Snapshot => {
    const kept = held?.snapshot;
    const snapshot =
      kept !== undefined && saved.version <= kept.version
        ? kept
        : compile(JSON.parse(saved.document) as Config, { ...saved, table });
    held = { snapshot, at: clock.now() };
    return snapshot;
  };

  const look = async (): Promise<Snapshot> => {
    const found = await published.read();
    if (found !== undefined) return adopt(found);
    const head = await versions.head();
    background(published.publish(head).catch(() => undefined));
    return adopt(head);
  };

  // Without storage the version in use goes on: a gateway that stops is worse than an old one.
  const lookOrStay = async (stay: Snapshot): Promise<Snapshot> => {
    looking = true;
    try {
      return await look();
    } catch {
      held = { snapshot: stay, at: clock.now() };
      return stay;
    } finally {
      looking = false;
    }
  };

  return {
    adopt,
    current() {
      if (held === undefined) return look();
      const age = clock.now() - held.at;
      if (age < FRESH) return held.snapshot;
      if (age >= USABLE) return lookOrStay(held.snapshot);
      if (!looking) background(lookOrStay(held.snapshot));
      return held.snapshot;
    },
  };
}
