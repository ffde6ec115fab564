/**
 * Decides: nothing: the port as an isolate has it, with a fault of the test's own between it and the object.
 */
import { Secret } from "../../src/base/secret.ts";
import type { Caller } from "../../src/domain/tenant.ts";
import type { OnceCalls } from "../../src/platform/objects/organisation-once-calls.ts";
import { createOnce } from "../../src/platform/once.ts";
import { createReach } from "../../src/platform/organisation-reach.ts";
import type { Once } from "../../src/ports.ts";
import { bytes, type OnceScene } from "./once-scene.ts";

export const CALLER: Caller = {
  ...{ org: "acme", tenant: "tenant00", team: "red", user: undefined },
  ...{ key: "key00000", keyName: undefined, scopes: new Set(), tags: {}, expiresAt: undefined },
  ...{ policies: [], levels: [], lineage: "key00000", revisions: { key: 1 } },
  locationHint: undefined,
};
export const REPLY = {
  status: 200,
  headers: { "content-type": "application/json", "x-headgate-model": "one" },
  body: bytes('{"answer":"strawberry"}'),
};

export type Fault = (name: keyof OnceCalls, call: () => Promise<unknown>) => Promise<unknown>;
export const retryable = Object.assign(new Error("moved"), { retryable: true });

let owners = 0;

/** The port as an isolate has it; `fault` stands between it and the object. */
export const isolate = (
  scene: OnceScene,
  fault: Fault = (_, call) => call(),
  master = "m".repeat(32),
) => {
  const counted: string[] = [];
  const objectOf = (): OnceCalls =>
    new Proxy(scene.store(), {
      get: (store, name: keyof OnceCalls) => {
        const call = store[name] as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => {
          counted.push(name);
          return fault(name, () => call(...args));
        };
      },
    });
  const { clock } = scene;
  const once = createOnce({
    clock,
    masterKey: new Secret(master),
    reach: createReach({ clock, random: () => 0.5, objectOf }),
    background: () => {},
  });
  const begin = (more: Partial<Parameters<Once["begin"]>[0]> = {}) => {
    owners += 1;
    return once.begin({
      ...{ caller: CALLER, requestId: `run-${owners}`, key: "order-7", waitMs: 0 },
      requestText: "chat\n{}",
      ...more,
    });
  };
  const go = async (more: Parameters<typeof begin>[0] = {}) => {
    const begun = await begin(more);
    if (begun.is !== "go") throw new Error(`does not run: ${JSON.stringify(begun)}`);
    return begun.run;
  };
  return { begin, go, counted };
};
export type Begun = Awaited<ReturnType<Once["begin"]>>;
export const codeOf = (begun: Begun): string =>
  begun.is === "refused" ? begun.failure.code : begun.is;
/** Lets promises of the runtime's own, streams and cryptography, come to their end. */
export const breathe = () => new Promise((done) => setTimeout(done, 5));
