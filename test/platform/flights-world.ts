/**
 * Decides: nothing: isolates that share a board and the real objects of flights, for tests; something may happen
 * around each call of an object.
 */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { Clock } from "../../src/base/clock.ts";
import { ok } from "../../src/base/result.ts";
import type { Frame } from "../../src/base/sse.ts";
import type { Target } from "../../src/domain/target.ts";
import { createClock } from "../../src/platform/clock.ts";
import { createFlights } from "../../src/platform/flights.ts";
import { createSharedFlights, type SharedParts } from "../../src/platform/flights-shared.ts";
import type { FlightCalls } from "../../src/platform/objects/flight-calls.ts";
import { createBoard } from "../../src/policy/cache/board.ts";
import type { Flier, Following, Shown } from "../../src/ports-cache.ts";

export const clock = createClock();
export const quiet = new AbortController().signal;
export const TARGET = {
  model: "a",
  upstream: "up-a",
  kind: "openai",
  dialect: "openai-chat",
} as Target;
const place = { tenant: "tenant00", locationHint: undefined };
let made = 0;
export const flierFor = (name: string): Flier => {
  made += 1;
  return { place, name, id: `req_${made}_${crypto.randomUUID()}` };
};
export const pause = (ms: number): Promise<void> =>
  new Promise((done) => void clock.after(ms, done));

export type Fault = (name: string, at: number) => Promise<unknown>;
type Around = { readonly before?: Fault; readonly after?: Fault };

/** Isolates that share a board and the objects; something may happen around each call of an object. */
export const world = ({ before, after }: Around = {}) => {
  const board = createBoard();
  const reach: SharedParts["reach"] = async (_, ask) =>
    ok(
      await ask({
        flightsSeen: async (signs) =>
          signs.map(({ name, id }) => board.seen(name, id, clock.now())),
        flightMeet: async (name, id, lost) => board.meet(name, id, lost, clock.now()),
      }),
    );
  let calls = 0;
  const around = (name: string): FlightCalls => {
    const stub = env.FLIGHT.getByName(name);
    const call = async <T>(work: () => Promise<T>): Promise<T> => {
      calls += 1;
      const at = calls;
      await before?.(name, at);
      const answer = await work();
      await after?.(name, at);
      return answer;
    };
    return {
      tell: (piece) => call(() => stub.tell(piece)),
      more: (from, hasHead, waitMs) => call(() => stub.more(from, hasHead, waitMs)),
    };
  };
  const background: Promise<unknown>[] = [];
  const isolate = (own: Clock = clock) => {
    const shared = createSharedFlights({ clock: own, reach, objectOf: around });
    const elsewhere = {
      load: async () => shared,
      background: (work: Promise<unknown>) => void background.push(work),
    };
    return createFlights(own, elsewhere);
  };
  return { board, isolate, calls: () => calls, over: () => Promise.all(background) };
};

export const frame = (text: string): Frame => ({
  bytes: new TextEncoder().encode(`data: ${text}\n\n`),
});
export const live = (frames: readonly Frame[]): Shown => ({
  ...{ target: TARGET, passes: true, dropped: [] },
  answer: { kind: "live", frames: () => frames },
});
const textIn = ({ answer }: Shown): string =>
  answer.kind === "whole"
    ? answer.text
    : (answer.frames() ?? []).map(({ bytes }) => new TextDecoder().decode(bytes)).join("");

/** All that is followed until it ends. */
export const followed = async (following: Following): Promise<readonly [string, string]> => {
  while (following.state() === "asking") await following.next(quiet);
  const shown = following.shown();
  return [following.state(), shown === undefined ? "" : textIn(shown)];
};

const NUMBERS = Array.from({ length: 40 }, (_, at) => `piece ${at}`);
export const ALL = NUMBERS.map((text) => `data: ${text}\n\n`).join("");

/** One that goes ahead in one isolate, and one that follows it in another. */
export const pair = async (around: Around = {}) => {
  const { board, isolate, ...rest } = world(around);
  const [here, there] = [isolate(), isolate()];
  const name = `flight ${crypto.randomUUID()}`;
  const ahead = flierFor(name);
  const lead = here.lead(name);
  expect(await here.meet(ahead, undefined)).toBe(ahead.id);
  lead.announced(ahead);
  lead.asking();
  const behind = flierFor(name);
  const found = await there.meet(behind, undefined);
  expect(found).toBe(ahead.id);
  const following = await there.joinElsewhere(behind, ahead.id, () => TARGET);
  const told = (): void => here.told(ahead.id, board.ended([ahead.id]).length > 0);
  return { ...rest, here, there, lead, ahead, behind, following, told };
};

/** A stream of many pieces, told while it comes. */
export const streamed = async (around: Around = {}, how: "over" | "lost" = "over") => {
  const { lead, following, told, over } = await pair(around);
  const frames: Frame[] = [];
  const got = followed(following);
  lead.show(live(frames));
  for (const text of NUMBERS) {
    frames.push(frame(text));
    lead.stir();
    await pause(20);
  }
  lead.end(how);
  told();
  await over();
  return got;
};
