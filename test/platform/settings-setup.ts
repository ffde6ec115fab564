/**
 * Decides: how a test of the settings gets a store on a real database, with a clock that it sets.
 * Never: shares an isolate's memory: each call is another isolate on the same storage.
 */
import { env } from "cloudflare:workers";
import { Secret } from "../../src/base/secret.ts";
import { createSettings, type Putting, type SettingsParts } from "../../src/platform/settings.ts";
import { createCurrentSettings } from "../../src/platform/settings-current.ts";
import { createPublishedSettings } from "../../src/platform/settings-published.ts";
import { createVersions } from "../../src/platform/settings-versions.ts";

export const DEMO = {
  providers: { p: { kind: "demo" } },
  models: { m: { provider: "p", price: { input: 0, output: 0 } } },
};
/** A valid configuration that differs by `name`. */
export const withModel = (name: string) => ({
  ...DEMO,
  models: { ...DEMO.models, [name]: { provider: "p", price: { input: 0, output: 0 } } },
});

export const how = (more: Partial<Putting> = {}): Putting => ({
  by: { actor: "root", requestId: "req-1" },
  owner: true,
  ifMatch: undefined,
  ...more,
});

type Storage = { readonly db: D1Database; readonly kv: KVNamespace };

export function isolate(more: Partial<SettingsParts & Storage> = {}) {
  const time = { now: 1_000_000 };
  const work: Promise<unknown>[] = [];
  const parts = {
    db: env.DB,
    kv: env.KV,
    clock: {
      now: () => time.now,
      after: (_: number, run: () => void) => {
        queueMicrotask(run);
        return () => {};
      },
    },
    secrets: { get: (name: string) => (name === "SET" ? new Secret("x") : undefined) },
    allowPrivate: false,
    table: () => undefined,
    background: (promise: Promise<unknown>) => void work.push(promise),
    ...more,
  };
  const versions = createVersions(parts.db);
  const published = createPublishedSettings(parts.kv, versions);
  const current = createCurrentSettings({ ...parts, versions, published });
  const settings = {
    ...createSettings({ ...parts, versions, published, current }),
    current: current.current,
  };
  /** Lets everything that was left for after the answer happen. */
  const settle = async (): Promise<void> => {
    while (work.length > 0) await work.pop();
  };
  return { settings, time, settle, work };
}

/** A binding that counts its calls, and fails them while `broken`. */
export function watched<T extends object>(binding: T, methods: readonly string[]) {
  const seen = { calls: 0, broken: false };
  const proxy = new Proxy(binding, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...values: unknown[]) => {
        if (methods.includes(String(name))) {
          seen.calls += 1;
          if (seen.broken) throw new Error("storage is down");
        }
        return Reflect.apply(value, target, values) as unknown;
      };
    },
  });
  return { proxy, seen };
}
