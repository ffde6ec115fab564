/**
 * Decides: how a stream passes by on its way to the caller while it is remembered.
 * Never: holds a byte back, or reads one that the caller has not asked for. Only the end waits.
 */
import { joinedBytes } from "../base/joined-bytes.ts";
import { LARGEST_KEPT } from "../policy/idempotency/fate.ts";

type Passing = {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves when no more comes: all has passed, or the caller has left. */
  readonly over: Promise<"whole" | "left">;
  /** What has passed; undefined: more than is kept. */
  passed(): Uint8Array | undefined;
};

type PassingParts = {
  readonly body: ReadableStream<Uint8Array>;
  /** Hears of every piece. */
  readonly tell: (bytes: Uint8Array) => void;
  /** Waited for before the caller sees the end. */
  readonly beforeEnd: () => Promise<void>;
};

export const passBy = ({ body, tell, beforeEnd }: PassingParts): Passing => {
  const reader = body.getReader();
  let kept: Uint8Array[] | undefined = [];
  let size = 0;
  let end = (_how: "whole" | "left"): void => {};
  const over = new Promise<"whole" | "left">((resolve) => {
    end = resolve;
  });

  const take = (bytes: Uint8Array): void => {
    size += bytes.byteLength;
    if (size > LARGEST_KEPT) kept = undefined;
    kept?.push(bytes);
    tell(bytes);
  };

  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    let got: Awaited<ReturnType<typeof reader.read>>;
    try {
      got = await reader.read();
    } catch (error) {
      // The relay breaks its pipe only when the caller has left.
      end("left");
      throw error;
    }
    if (!got.done) {
      take(got.value);
      controller.enqueue(got.value);
      return;
    }
    end("whole");
    await beforeEnd();
    controller.close();
  };

  const cancel = async (reason: unknown): Promise<void> => {
    end("left");
    await reader.cancel(reason);
  };

  return {
    body: new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 }),
    over,
    passed: () => kept && joinedBytes(kept, size),
  };
};
