import { describe, expect, it } from "vitest";
import { type Board, createBoard, SILENT_MS } from "../../../src/policy/cache/board.ts";
import { type Admission, plainlyAdmitted } from "../../../src/policy/limits/admission.ts";

const NOW = 1_700_000_000_000;
const COST = { requests: 1, tokens: 500, nanoUsd: 9_000, slots: 1 };

const admission = (id: string, flight: string | undefined = "f"): Admission => ({
  ...{ id, rules: [], deadline: NOW + 60_000 },
  ways: [
    { from: 0, options: [{ model: "a", cost: COST, floor: { tokens: 100, nanoUsd: 1_000 } }] },
    { from: 0.8, options: [{ model: "b", cost: COST, floor: { tokens: 100, nanoUsd: 1_000 } }] },
  ],
  ...(flight !== undefined && { flight }),
});

/** Who goes ahead by the board's answer, and for what the request was held. */
const admit = (board: Board, id: string, now = NOW, flight?: string) => {
  let asked: Admission | undefined;
  const answer = board.admit(admission(id, flight), now, (given) => {
    asked = given;
    return plainlyAdmitted(given);
  });
  return { ahead: answer.ok ? answer.ahead : undefined, asked };
};

describe("equal requests", () => {
  it("follow the first, and are held for themselves alone on every way", () => {
    const board = createBoard();
    const first = admit(board, "one");
    expect(first).toEqual({ ahead: "one", asked: admission("one") });
    const second = admit(board, "two", NOW + 10);
    expect(second.ahead).toBe("one");
    for (const { options } of second.asked?.ways ?? []) {
      expect(options).toMatchObject([
        {
          cost: { requests: 1, slots: 1, tokens: 0, nanoUsd: 0 },
          floor: { tokens: 0, nanoUsd: 0 },
        },
      ]);
    }
    expect(second.asked?.ways.map(({ from }) => from)).toEqual([0, 0.8]);
  });

  it("of another name, and those that may not be shared, go ahead themselves", () => {
    const board = createBoard();
    admit(board, "one");
    expect(admit(board, "two", NOW, "g").ahead).toBe("two");
    const answer = board.admit(
      { ...admission("three"), flight: undefined } as never,
      NOW,
      (given) => plainlyAdmitted(given),
    );
    expect(answer).not.toHaveProperty("ahead");
  });

  it("that are asked twice follow nobody else than before", () => {
    const board = createBoard();
    admit(board, "one");
    expect(admit(board, "one", NOW + 5)).toEqual({ ahead: "one", asked: admission("one") });
  });

  it("do not follow one that was refused", () => {
    const board = createBoard();
    board.admit(admission("one"), NOW, () => ({ ok: false }) as never);
    expect(admit(board, "two").ahead).toBe("two");
  });

  it("do not follow one that has said nothing for too long, and do while it says something", () => {
    const board = createBoard();
    admit(board, "one");
    expect(board.seen("f", "one", NOW + SILENT_MS)).toBe("alone");
    expect(admit(board, "two", NOW + 2 * SILENT_MS).ahead).toBe("one");
    expect(admit(board, "three", NOW + 2 * SILENT_MS + 1).ahead).toBe("three");
    expect(board.seen("f", "one", NOW + 2 * SILENT_MS + 2)).toBe("replaced");
  });

  it("do not follow one that has ended; whoever relied on it is told of until he is heard", () => {
    const board = createBoard();
    admit(board, "one");
    admit(board, "lonely", NOW, "g");
    admit(board, "two");
    expect(board.seen("f", "one", NOW)).toBe("followed");
    expect(board.ended(["one", "lonely", "unknown"])).toEqual(["one"]);
    expect(board.ended(["one"])).toEqual(["one"]);
    expect(admit(board, "three").ahead).toBe("three");
    expect(board.ended(["one"])).toEqual([]);
  });

  it("that are left behind choose one, whoever asks first", () => {
    const board = createBoard();
    admit(board, "one");
    expect(board.meet("f", "two", undefined, NOW)).toBe("one");
    expect(board.meet("f", "two", "one", NOW)).toBe("two");
    expect(board.meet("f", "three", "one", NOW)).toBe("two");
    expect(board.meet("f", "two", "one", NOW)).toBe("two");
    expect(board.seen("f", "two", NOW)).toBe("followed");
    expect(board.seen("f", "one", NOW)).toBe("replaced");
  });

  it("are known again to a board that has begun anew", () => {
    const board = createBoard();
    expect(board.seen("f", "one", NOW)).toBe("alone");
    expect(admit(board, "two").ahead).toBe("one");
    expect(board.seen("f", "one", NOW)).toBe("followed");
  });

  it("are forgotten when there are too many, the oldest first", () => {
    const board = createBoard();
    for (let at = 0; at <= 5_000; at += 1) admit(board, `r${at}`, NOW, `f${at}`);
    expect(admit(board, "new", NOW, "f0").ahead).toBe("new");
    expect(admit(board, "other", NOW, "f5000").ahead).toBe("r5000");
  });
});
