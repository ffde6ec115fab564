/**
 * Decides: how the one run under an Idempotency-Key keeps its record: says that it lives, that it asks a
 * provider, and what came of it.
 * Never: lets anything be sent that the object has not written down before.
 */
import { failure } from "../domain/error.ts";
import { RENEW_MS } from "../policy/idempotency/machine.ts";
import type { OnceRun } from "../ports.ts";
import type { OnceEnd } from "./objects/organisation-once-calls.ts";
import type { OnceCrypto } from "./once-crypto.ts";
import { createTold, type TellingParts } from "./once-told.ts";

/** An end that does not arrive leaves the record in doubt: that is worth another try or two. */
const END_TRIES = 3;
/** Milliseconds; as the SDKs are told while a run is under way. */
export const IN_PROGRESS_WAIT_MS = 2_000;

export type OnceRunParts = TellingParts & {
  readonly crypto: OnceCrypto;
  readonly tenant: string;
};

export const createOnceRun = (parts: OnceRunParts): OnceRun => {
  const { clock, ask, background, crypto, tenant, id, fence } = parts;
  const told = createTold(parts);
  let isOver = false;
  let cancel = (): void => {};

  const renew = async (): Promise<void> => {
    const isOurs = await ask((object) => object.onceRenew(id, fence));
    if (!isOurs.ok || isOurs.value) renewLater();
  };
  const renewLater = (): void => {
    if (!isOver) cancel = clock.after(RENEW_MS, () => background(renew()));
  };
  renewLater();

  const stop = (): void => {
    isOver = true;
    cancel();
  };

  const end = async (how: OnceEnd, toldAll: boolean): Promise<void> => {
    const all = await told.flush();
    const pieces = toldAll ? all : undefined;
    for (let tries = 0; tries < END_TRIES; tries += 1) {
      const answer = await ask((object) => object.onceEnd(id, fence, how, pieces));
      if (answer.ok) break;
    }
    stop();
  };

  return {
    async dispatched() {
      const isOurs = await ask((object) => object.onceDispatched(id, fence));
      if (!isOurs.ok) return failure("limiter_unavailable", isOurs.error);
      // The lock ran out on the way here, and somebody else may have the key.
      return isOurs.value
        ? undefined
        : failure("idempotency_in_progress", { retryAfterMs: IN_PROGRESS_WAIT_MS });
    },
    told: (head, bytes) => told.add(head, bytes),
    async done(reply, toldAll) {
      if (reply === "too_large") return end({ is: "done_large" }, toldAll);
      return end({ is: "done", reply: await crypto.seal(tenant, id, reply) }, toldAll);
    },
    free: (toldAll) => end({ is: "free" }, toldAll),
    abandon: stop,
  };
};
