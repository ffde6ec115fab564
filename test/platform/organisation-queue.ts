/**
 * Decides: nothing: a queue that a test looks into, or that refuses, in the place of an object's own.
 */
import { runInDurableObject } from "cloudflare:test";
import type { UsageMessage } from "../../src/domain/usage-message.ts";
import type { OrganisationObject } from "../../src/platform/objects/organisation.ts";

export type TestQueue = {
  /** What it has taken, in order. */
  readonly taken: UsageMessage[];
  /** How often it was asked. */
  asked: number;
  /** Bytes of the largest batch, about. */
  largest: number;
  /** Messages of the longest batch. */
  longest: number;
  refuses: boolean;
};

/** Stays until the object is evicted. */
export const withQueue = async (
  object: DurableObjectStub<OrganisationObject>,
): Promise<TestQueue> => {
  const queue: TestQueue = { taken: [], asked: 0, largest: 0, longest: 0, refuses: false };
  const USAGE = {
    sendBatch: async (messages: readonly { body: UsageMessage }[]) => {
      queue.asked += 1;
      queue.largest = Math.max(queue.largest, JSON.stringify(messages).length);
      queue.longest = Math.max(queue.longest, messages.length);
      if (queue.refuses) throw new Error("Queue sendBatch failed: Internal Server Error");
      queue.taken.push(...messages.map(({ body }) => structuredClone(body)));
    },
  };
  await runInDurableObject(object, (instance) => {
    const { env } = instance as unknown as { env: Env };
    Object.defineProperty(instance, "env", { value: { ...env, USAGE } });
  });
  return queue;
};
