import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createFlightLog,
  type FlightHead,
  type FlightPiece,
} from "../../../src/policy/cache/flight-log.ts";

const NOW = 1_700_000_000_000;
const HEAD: FlightHead = {
  ...{ name: "f", id: "one", model: "a", upstream: "up-a", kind: "openai" },
  ...{ dialect: "openai-chat", passes: true, dropped: [], form: "live", splice: undefined },
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (all: Uint8Array): string => new TextDecoder().decode(all);
const piece = (at: number, said: string, end?: FlightPiece["end"]): FlightPiece => ({
  ...{ head: HEAD, at, bytes: bytes(said), end },
});

describe("an answer that is told piece by piece", () => {
  it("is given from wherever one has got to, and once where it is told twice", () => {
    const log = createFlightLog(NOW);
    log.tell(piece(0, "hello"), NOW);
    log.tell(piece(0, "hello"), NOW);
    expect(log.tell(piece(5, " world"), NOW).have).toBe(11);
    for (const from of [0, 3, 5, 8, 11]) {
      expect(text(log.more(from, NOW).bytes)).toBe("hello world".slice(from));
    }
    expect(log.hasMore(11, true)).toBe(false);
    expect(log.hasMore(11, false)).toBe(true);
    log.tell(piece(11, "", "over"), NOW);
    expect(log.more(11, NOW)).toMatchObject({ end: "over" });
  });

  it("is no whole answer where its beginning is missing", () => {
    const log = createFlightLog(NOW);
    expect(log.tell(piece(5, " world", "over"), NOW)).toMatchObject({ have: 0 });
    expect(log.more(0, NOW)).toMatchObject({ end: undefined });
    expect(log.more(7, NOW)).toMatchObject({ end: undefined, bytes: bytes("") });
    log.tell(piece(0, "hello world", "over"), NOW);
    expect(text(log.more(7, NOW).bytes)).toBe("orld");
  });

  it("is lost for whoever is a megabyte behind, and for nobody else", () => {
    const log = createFlightLog(NOW);
    const part = "x".repeat(256 * 1024);
    for (let at = 0; at < 8; at += 1) log.tell(piece(at * part.length, part), NOW);
    expect(log.more(0, NOW).end).toBe("lost");
    const last = log.more(4 * part.length, NOW);
    expect([last.end, last.bytes.byteLength]).toEqual([undefined, 4 * part.length]);
  });

  it("says how long the one ahead has been silent, and whether anybody follows", () => {
    const log = createFlightLog(NOW);
    expect(log.more(0, NOW + 700).quietMs).toBe(700);
    expect(log.tell(piece(0, "a"), NOW + 800).isFollowed).toBe(false);
    log.asked(NOW + 900);
    expect(log.tell(piece(1, "b"), NOW + 1_000).isFollowed).toBe(true);
    expect(log.more(0, NOW + 1_500).quietMs).toBe(500);
    expect(log.tell(piece(2, "c"), NOW + 9_000).isFollowed).toBe(false);
  });

  it("reaches everybody whole and once, whenever the log begins anew and whoever asks when", () => {
    const step = fc.oneof(
      fc.record({ is: fc.constant("tell" as const), size: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ is: fc.constant("unheard" as const), size: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ is: fc.constant("anew" as const) }),
      fc.record({ is: fc.constant("ask" as const), who: fc.integer({ min: 0, max: 2 }) }),
    );
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.array(step, { maxLength: 40 }),
        (said, steps) => {
          const all = text(bytes(said));
          const whole = bytes(all);
          let log = createFlightLog(NOW);
          let at = 0;
          const followers = [0, 1, 2].map(() => ({
            got: [] as number[],
            end: undefined as unknown,
          }));
          const tell = (size: number, isHeard: boolean): void => {
            const part = whole.subarray(at, at + size);
            const end = at + part.byteLength >= whole.byteLength ? "over" : undefined;
            const { have } = log.tell({ head: HEAD, at, bytes: part, end }, NOW);
            if (isHeard) at = have;
          };
          const ask = (who: number): void => {
            const follower = followers[who];
            if (follower === undefined) return;
            const more = log.more(follower.got.length, NOW);
            follower.got.push(...more.bytes);
            follower.end ??= more.end;
          };
          for (const each of steps) {
            if (each.is === "anew") log = createFlightLog(NOW);
            else if (each.is === "ask") ask(each.who);
            else tell(each.size, each.is === "tell");
          }
          for (let turn = 0; turn < 20; turn += 1) tell(9, true);
          for (const who of [0, 1, 2]) ask(who);
          for (const { got, end } of followers) {
            expect([text(new Uint8Array(got)), end]).toEqual([all, "over"]);
          }
        },
      ),
    );
  });
});
