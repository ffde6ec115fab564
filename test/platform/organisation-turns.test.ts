import { describe, expect, it } from "vitest";
import { createTurns } from "../../src/platform/objects/organisation-turns.ts";

/** A book that doubles what it is asked, and is written when the test says so. */
const stage = () => {
  const turns: (readonly number[])[] = [];
  const writings: PromiseWithResolvers<void>[] = [];
  const ask = createTurns<number, number>({
    decide: (asks) => {
      if (asks.includes(13)) throw new Error("thirteen");
      turns.push(asks);
      return asks.map((one) => 2 * one);
    },
    written: () => {
      const writing = Promise.withResolvers<void>();
      writings.push(writing);
      return writing.promise;
    },
  });
  const written = async (): Promise<void> => {
    writings.shift()?.resolve();
    await Promise.resolve().then(() => undefined);
    await new Promise((done) => setTimeout(done, 0));
  };
  return { ask, turns, written };
};

describe("questions to an object", () => {
  it("are decided at once while nothing is being written", async () => {
    const { ask, turns } = stage();
    expect(await ask(1)).toBe(2);
    expect(turns).toEqual([[1]]);
  });

  it("that come while something is being written are decided together after it, in their order", async () => {
    const { ask, turns, written } = stage();
    const answers = [1, 2, 3].map(ask);
    expect(turns).toEqual([[1]]);
    await written();
    expect(turns).toEqual([[1], [2, 3]]);
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
    await written();
    const late = ask(4);
    expect(turns).toEqual([[1], [2, 3], [4]]);
    expect(await late).toBe(8);
  });

  it("fail alone where one of them cannot be decided", async () => {
    const { ask, written } = stage();
    const first = ask(1);
    const [bad, good] = [ask(13), ask(5)];
    const refused = expect(bad).rejects.toThrow("thirteen");
    await written();
    await refused;
    expect(await Promise.all([first, good])).toEqual([2, 10]);
  });

  it("go on after a writing that failed", async () => {
    const ask = createTurns<number, number>({
      decide: (asks) => asks.map((one) => one + 1),
      written: () => Promise.reject(new Error("no disk")),
    });
    expect(await ask(1)).toBe(2);
    expect(await ask(2)).toBe(3);
  });
});
