/**
 * Decides: how a test of the settings gets a store on a real database, with a clock that it sets.
 * Never: shares an isolate's memory: each call is another isolate on the same storage.
 */
import { env } from "cloudflare:workers";
import { Secret } from "../../src/base/secret.ts";
import { createSettings, type Putting, type SettingsParts } from "../../src/platform/settings.ts";

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

export function isolate(more: Partial<SettingsParts> = {}) {
  const time = { now: 1_000_000 };
  const work: Promise<unknown>[] = [];
  const settings = createSettings({
    db: env.DB,
    kv: env.KV,
    clock: {
      now: () => time.now,
      after: (_, run) => {
        queueMicrotask(run);
        return () => {};
      },
    },
    secrets: { get: (name) => (name === "SET" ? new Secret("x") : undefined) },
    allowPrivate: false,
    table: () => undefined,
    background: (promise) => void work.push(promise),
    ...more,
  });
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
