/**
 * Decides: how a request with an Idempotency-Key learns from its organisation's object whether it runs, is given
 * a kept reply, follows another run, or is refused.
 * Never: lets it run where the object cannot be asked.
 */
import type { Clock } from "../base/clock.ts";
import type { Result } from "../base/result.ts";
import type { Secret } from "../base/secret.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Conflict } from "../policy/idempotency/machine.ts";
import type { KeptReply, Once } from "../ports.ts";
import { principalOf } from "./limiter-principal.ts";
import type { OnceAnswer, OnceCalls, OnceWish } from "./objects/organisation-once-calls.ts";
import { createOnceCrypto } from "./once-crypto.ts";
import { createOnceRun, IN_PROGRESS_WAIT_MS } from "./once-run.ts";
import type { AskObject } from "./once-told.ts";
import type { Reach, Unreached } from "./organisation-reach.ts";

/** Milliseconds. As long as a dead run may hold a key; who would wait longer asks again. */
const MOST_WAIT_MS = 60_000;
/** Milliseconds that an answer may take on its way when the object has waited as long as it was told. */
const ON_THE_WAY_MS = 2_000;

export type OnceParts = {
  readonly clock: Clock;
  readonly masterKey: Secret;
  /** The object of the caller's organisation. */
  readonly reach: Reach<OnceCalls>;
  readonly background: (work: Promise<unknown>) => void;
};

type Begun = Awaited<ReturnType<Once["begin"]>>;

const refused = (fail: Failure): Begun => ({ is: "refused", failure: fail });
const conflict = (code: Conflict): Begun =>
  refused(
    code === "idempotency_in_progress"
      ? failure(code, { retryAfterMs: IN_PROGRESS_WAIT_MS })
      : failure(code),
  );
const replay = (reply: KeptReply): Begun => ({ is: "replay", reply });

export const createOnce = (parts: OnceParts): Once => {
  const { clock, reach, background } = parts;
  const crypto = createOnceCrypto(parts.masterKey);

  const ask = async (object: AskObject, wish: OnceWish): Promise<Result<OnceAnswer, Unreached>> => {
    let asked: Promise<OnceAnswer> | undefined;
    const answer = await object((stub) => {
      asked = stub.onceBegin(wish);
      return asked;
    });
    // Nobody runs on an answer that comes too late: the key is given back.
    const giveBack = async (): Promise<void> => {
      const late = await asked;
      if (late?.is !== "go") return;
      await object((stub) => stub.onceEnd(wish.id, late.fence, { is: "free" }, undefined));
    };
    if (!answer.ok) background(giveBack().catch(() => {}));
    return answer;
  };

  /** What another run has to say by `until` (milliseconds since the epoch); undefined: it has ended, ask again. */
  const follow = async (
    object: AskObject,
    { id, fingerprint }: OnceWish,
    until: number,
  ): Promise<Begun | undefined> => {
    const left = until - clock.now();
    if (left <= 0) return conflict("idempotency_in_progress");
    const found = await object(
      (stub) => stub.onceAttach(id, fingerprint, left),
      left + ON_THE_WAY_MS,
    );
    if (!found.ok || found.value.is === "late") return conflict("idempotency_in_progress");
    if (found.value.is === "over") return undefined;
    const { head, body } = found.value;
    return replay({ ...head, body });
  };

  return {
    async begin({ caller, requestId, key, requestText, waitMs }) {
      const { tenant, team } = caller;
      const object: AskObject = (question, ms) => reach(caller, question, ms);
      const names = await crypto.names({ tenant, team }, key, requestText);
      const wish = { ...names, owner: requestId, principal: principalOf(caller) };
      const until = clock.now() + Math.min(waitMs, MOST_WAIT_MS);
      for (;;) {
        const asked = await ask(object, wish);
        if (!asked.ok) return refused(failure("limiter_unavailable", asked.error));
        const answer = asked.value;
        switch (answer.is) {
          case "go": {
            const { fence } = answer;
            const run = { clock, background, crypto, tenant, ask: object, id: wish.id, fence };
            return { is: "go", run: createOnceRun(run) };
          }
          case "replay": {
            const reply = await crypto.open(tenant, wish.id, answer.reply);
            // Changed, or not where it belongs: it was carried out, that is all that is known.
            return reply === undefined ? conflict("idempotency_not_replayable") : replay(reply);
          }
          case "refused": {
            if (answer.code === "stale") return { is: "stale" };
            if (answer.code === "revoked") return refused(failure("invalid_api_key"));
            if (answer.code !== "idempotency_in_progress") return conflict(answer.code);
            const found = await follow(object, wish, until);
            if (found !== undefined) return found;
          }
        }
      }
    },
  };
};
