/**
 * Decides: how the configuration in force is published to every location, and read there.
 * Never: holds the truth; that is the table of versions. What is lost here heals within the hour.
 */
import { EDGE_TTL } from "./edge-ttl.ts";
import type { Saved, Versions } from "./settings-versions.ts";

export type PublishedSettings = {
  /** Undefined where nothing is published, or it cannot be read. */
  read(): Promise<Saved | undefined>;
  /** Publishes the version in force, which is at least `saved`. */
  publish(saved: Saved): Promise<void>;
};

const NAME = "config/1";
/** Seconds. Bounds the life of a version whose successor could not be published. */
const LIFETIME = 3600;

type Tag = { readonly version: number; readonly etag: string };

export function createPublishedSettings(kv: KVNamespace, versions: Versions): PublishedSettings {
  const put = ({ version, etag, document }: Saved): Promise<void> =>
    kv.put(NAME, document, { metadata: { version, etag }, expirationTtl: LIFETIME });

  return {
    async read() {
      try {
        const how = { type: "text", cacheTtl: EDGE_TTL } as const;
        const { value, metadata } = await kv.getWithMetadata<Tag>(NAME, how);
        if (value === null || metadata === null) return undefined;
        // Version 0 is whatever the running code ships, which a deploy may have changed.
        return metadata.version === 0 ? versions.get(0) : { ...metadata, document: value };
      } catch {
        return undefined;
      }
    },
    async publish(saved) {
      // Of two writers the one that publishes last may have the older version. Whoever publishes
      // therefore looks again afterwards, and goes on until what is out is what is in force.
      let out = saved;
      for (;;) {
        await put(out);
        const head = await versions.head();
        if (head.version <= out.version) return;
        out = head;
      }
    },
  };
}
