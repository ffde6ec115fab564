/**
 * Decides: how one isolate follows an answer that another is given: what it has of it, and when nothing more comes.
 * Never: waits without a timer of its own, or takes for its own what belongs to another name.
 */
import { type Clock, sleep } from "../base/clock.ts";
import { parseExactJson } from "../base/exact-json.ts";
import { isRecord } from "../base/record.ts";
import { createFramer, type Frame } from "../base/sse.ts";
import { SILENT_MS } from "../policy/cache/board.ts";
import type { FlightHead, FlightMore } from "../policy/cache/flight-log.ts";
import type { FlightState, Following, Shown, TargetOf } from "../ports-cache.ts";
import { type AskFlight, isEnd } from "./flight.ts";

/** Milliseconds for which the object is asked to wait for news. */
const WAIT_MS = 1_000;
const REST_MS = 200;
/** Bytes. As much as a stream is remembered for those in one isolate. */
const MOST_BYTES = 4 * 1024 * 1024;

export type FollowerParts = {
  readonly clock: Clock;
  readonly ask: AskFlight;
  /** The name that both share, and the id of the one ahead. */
  readonly name: string;
  readonly ahead: string;
  readonly targetOf: TargetOf;
};

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    const json = parseExactJson(text);
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
};

export const createFollower = (parts: FollowerParts): Following => {
  const { clock, ask, name, ahead, targetOf } = parts;
  const framer = createFramer();
  const utf8 = new TextDecoder();
  let state: FlightState = "asking";
  let shown: Shown | undefined;
  let head: FlightHead | undefined;
  let frames: Frame[] | undefined = [];
  let text = "";
  let from = 0;
  let goodAt = clock.now();

  const show = (answer: Shown["answer"]): void => {
    const target = head && targetOf(head);
    if (head === undefined || target === undefined) state = "lost";
    else {
      const { passes, dropped, splice } = head;
      shown = { target, passes, dropped, splice, answer };
    }
  };

  const meetHead = (found: FlightHead): void => {
    head = found;
    // An object of that name belongs to this tenant and this flight alone; looked at once more all the same.
    if (found.name !== name || found.id !== ahead) state = "lost";
    else if (found.form === "live") show({ kind: "live", frames: () => frames });
  };

  const read = (bytes: Uint8Array): void => {
    from += bytes.byteLength;
    if (head?.form === "whole") text += utf8.decode(bytes, { stream: true });
    else if (from > MOST_BYTES) frames = undefined;
    else frames?.push(...framer.push(bytes));
  };

  const take = (more: FlightMore): void => {
    if (head === undefined && more.head !== undefined) meetHead(more.head);
    if (isEnd(state)) return;
    if (more.at === from) read(more.bytes);
    if (more.end === "over" && head?.form === "whole") {
      const json = parsed(text);
      if (json === undefined) state = "lost";
      else show({ kind: "whole", text, json });
    }
    if (isEnd(state)) return;
    if (more.end !== undefined) state = more.end;
    else if (more.quietMs > SILENT_MS) state = "lost";
  };

  return {
    ahead: () => ahead,
    state: () => state,
    shown: () => shown,
    async next(signal) {
      if (isEnd(state) || signal.aborted) return;
      let leave = (): void => {};
      const left = new Promise<"left">((resolve) => {
        leave = () => resolve("left");
        signal.addEventListener("abort", leave);
      });
      const asked = ask(ahead, (object) => object.more(from, head !== undefined, WAIT_MS), WAIT_MS);
      const more = await Promise.race([asked, left]);
      signal.removeEventListener("abort", leave);
      if (more === "left") return;
      if (more !== undefined) {
        goodAt = clock.now();
        take(more);
      } else if (clock.now() - goodAt > SILENT_MS) state = "lost";
      else await sleep(clock, REST_MS);
    },
  };
};
