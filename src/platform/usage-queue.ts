/**
 * Decides: what becomes of each message that a queue delivers: applied, tried again later, or kept as a
 * dead letter.
 * Never: lets one bad message hold back the others, and never acknowledges what was not committed.
 */
import type { UsageMessage } from "../domain/usage-message.ts";
import type { UsageConsumer } from "./usage.ts";
import type { DeadLetters } from "./usage-dead-letters.ts";
import { usageMessageOf } from "./usage-message.ts";

/** The part of a batch that matters here. */
export type Delivered = {
  readonly queue: string;
  readonly messages: readonly Pick<
    Message,
    "id" | "timestamp" | "body" | "attempts" | "ack" | "retry"
  >[];
};
type Delivery = Delivered["messages"][number];

/** Seconds. Ten tries take the better part of an hour: longer than most outages of a database. */
const RETRY = { first: 5, most: 900 } as const;
/** Seconds. The last queue there is: it tries for as long as it can. */
const DEAD_RETRY = 300;

const later = (message: Delivery): void =>
  message.retry({ delaySeconds: Math.min(RETRY.most, RETRY.first * 2 ** (message.attempts - 1)) });

type Readable = readonly [delivery: Delivery, message: UsageMessage];

/** All at once; where that fails in halves, so that the good ones get through. */
async function apply(consumer: UsageConsumer, all: readonly Readable[]): Promise<void> {
  try {
    await consumer.apply(all.map(([, message]) => message));
    for (const [delivery] of all) delivery.ack();
  } catch {
    // A database that does not answer says nothing of the messages.
    if (all.length === 1 || !(await consumer.answers())) {
      for (const [delivery] of all) later(delivery);
      return;
    }
    const half = Math.ceil(all.length / 2);
    await apply(consumer, all.slice(0, half));
    await apply(consumer, all.slice(half));
  }
}

export const createUsageQueue = (parts: {
  readonly consumer: UsageConsumer;
  readonly deadLetters: Pick<DeadLetters, "keep">;
}) => {
  const { consumer, deadLetters } = parts;

  const bury = async (messages: readonly Delivery[]): Promise<void> => {
    try {
      await deadLetters.keep(
        messages.map(({ id, timestamp, body }) => ({ id, at: timestamp.getTime(), body })),
      );
      for (const message of messages) message.ack();
    } catch {
      for (const message of messages) message.retry({ delaySeconds: DEAD_RETRY });
    }
  };

  return async ({ queue, messages }: Delivered): Promise<void> => {
    if (queue.includes("-dlq")) return bury(messages);
    const readable = messages.flatMap((delivery): Readable[] => {
      const message = usageMessageOf(delivery.body);
      return message === undefined ? [] : [[delivery, message]];
    });
    const known = new Set(readable.map(([delivery]) => delivery));
    // A newer version of the Worker, deployed meanwhile, may know what it says.
    for (const delivery of messages) if (!known.has(delivery)) later(delivery);
    if (readable.length > 0) await apply(consumer, readable);
  };
};
