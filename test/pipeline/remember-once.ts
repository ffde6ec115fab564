/**
 * Decides: nothing: a memory of Idempotency-Keys for tests in plain Node, round the machine alone.
 */
import { failure } from "../../src/domain/error.ts";
import type { Ask, Reply } from "../../src/pipeline/ask.ts";
import { chat } from "../../src/pipeline/chat.ts";
import {
  NO_RECORD,
  type OnceEvent,
  type OnceState,
  onceStep,
} from "../../src/policy/idempotency/machine.ts";
import type { Deps, KeptReply, Once } from "../../src/ports.ts";
import type { Stage } from "../support/pipeline.ts";

export type Memory = Once & {
  /** What was told to those who follow. */
  readonly told: Uint8Array[];
  readonly calls: string[];
  state(): OnceState;
  /** What the memory does from now on. */
  fail(how: "begin" | "dispatched" | "done"): void;
};

/** One record: the tests use one key each. */
export const createMemory = (stage: Stage): Memory => {
  let state: OnceState = NO_RECORD;
  let reply: KeptReply | undefined;
  let fence = 0;
  let failing: string | undefined;
  const told: Uint8Array[] = [];
  const calls: string[] = [];
  const tell = (event: OnceEvent) => {
    calls.push(event.type);
    const step = onceStep(state, event, stage.clock.now());
    state = step.state;
    return step.output;
  };
  return {
    told,
    calls,
    state: () => state,
    fail: (how) => {
      failing = how;
    },
    async begin({ requestId, requestText }) {
      if (failing === "begin") return { is: "refused", failure: failure("limiter_unavailable") };
      const own = fence + 1;
      const event = { type: "begin", fingerprint: requestText, owner: requestId, fence: own };
      const output = tell({ ...event, type: "begin" });
      if (output.is === "refused") return { is: "refused", failure: failure(output.code) };
      if (output.is !== "go") {
        if (reply === undefined) throw new Error("nothing is kept");
        return { is: "replay", reply };
      }
      fence = own;
      return {
        is: "go",
        run: {
          dispatched: async () => {
            if (failing === "dispatched") return failure("limiter_unavailable");
            const isOurs = tell({ type: "dispatched", fence: own }).is === "ok";
            return isOurs ? undefined : failure("idempotency_in_progress");
          },
          told: (_head, bytes) => void told.push(bytes),
          done: async (kept) => {
            if (failing === "done") return new Promise(() => {});
            const large = kept === "too_large";
            const done = tell({ type: "done", fence: own, large });
            if (done.is === "ok" && !large) reply = kept;
          },
          free: async () => void tell({ type: "free", fence: own }),
          abandon: () => void calls.push("abandon"),
        },
      };
    },
  };
};

/** A chat whose Idempotency-Key this memory keeps. */
export const remembered = (deps: Deps, once: Once, asked: Ask): Promise<Reply> =>
  chat({ ...deps, once }, asked);
