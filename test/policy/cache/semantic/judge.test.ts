import { describe, expect, it } from "vitest";
import { verdictOn } from "../../../../src/policy/cache/semantic/confirm.ts";
import { cosineOf, embedLexically } from "../../../../src/policy/cache/semantic/embed.ts";
import {
  type Bounds,
  type Judgement,
  judge,
  pick,
} from "../../../../src/policy/cache/semantic/judge.ts";
import { doubtAllowed, doubtOf } from "../../../../src/policy/cache/semantic/score.ts";
import { barOf, NEW_TALLY, tallyStep } from "../../../../src/policy/cache/semantic/tally.ts";
import {
  doubtAfter,
  NEW_TRUST,
  type Trust,
  trustStep,
} from "../../../../src/policy/cache/semantic/trust.ts";

const loose: Bounds = { threshold: undefined, maxError: 0.2, tally: NEW_TALLY };
const on = (
  one: string,
  other: string,
  bounds: Bounds = loose,
  trust: Trust = NEW_TRUST,
): Judgement =>
  judge(
    one,
    { turn: other, trust, similarity: cosineOf(embedLexically(one), embedLexically(other)) },
    bounds,
  );

const LIKE = ["How do I learn to play the guitar?", "How can I learn to play guitar?"] as const;
const UNLIKE = ["How do I learn to play the guitar?", "How do I tune the piano at home?"] as const;

describe("whether an answer is given to another turn", () => {
  it("to the same question in other words", () => {
    expect(on(...LIKE)).toMatchObject({ serve: true, reason: "agrees" });
  });

  it("not to another question, whatever they share", () => {
    expect(on(...UNLIKE)).toMatchObject({ serve: false, reason: "doubtful" });
  });

  it("not where a rule keeps the two apart, and the rule is told", () => {
    const apart = on("What is 2 + 2?", "What is 2 + 3?");
    expect(apart).toMatchObject({ serve: false, reason: "number", doubt: 1 });
  });

  it("not below the threshold, however little doubt there is", () => {
    const strict = { ...loose, threshold: 0.999 };
    expect(on(...LIKE, strict)).toMatchObject({ serve: false, reason: "dissimilar" });
  });

  it("above the threshold where no bound on errors is set, unless the entry was refuted", () => {
    const bounds: Bounds = { threshold: 0.5, maxError: undefined, tally: NEW_TALLY };
    const { doubt, serve } = on(...LIKE, bounds);
    expect(serve).toBe(true);
    let trust = NEW_TRUST;
    for (let time = 0; time < 9; time++) trust = trustStep(trust, doubt, "refuted");
    expect(on(...LIKE, bounds, trust)).toMatchObject({ serve: false, reason: "doubtful" });
  });

  it("never where no error at all is allowed", () => {
    expect(on(...LIKE, { ...loose, maxError: 0 }).serve).toBe(false);
  });

  it("never where a turn is a document", () => {
    const long = "word ".repeat(1_000);
    expect(on(long, long)).toMatchObject({ serve: false, reason: "length" });
  });
});

describe("at one wrong hit in twenty, the answer on Beijing's weather today is given to", () => {
  const ASKED = "What's the weather in Beijing today";
  it.each([
    ["Today's Beijing weather?", "agrees"],
    ["Weather in Beijing today?", "agrees"],
    ["How is the weather in Beijing today?", "agrees"],
    ["Today's Shanghai weather?", "name"],
    ["Shanghai weather today?", "doubtful"],
    ["Today's Beijing traffic?", "doubtful"],
    ["Today's bad Beijing weather?", "doubtful"],
    ["Tomorrow's Beijing weather?", "date"],
    ["Beijing weather?", "date"],
    ["What's the weather not like in Beijing today", "negation"],
  ] as const)("%s: %s", (other, reason) => {
    expect(on(ASKED, other, { ...loose, maxError: 0.05 }).reason).toBe(reason);
    expect(on(other, ASKED, { ...loose, maxError: 0.05 }).reason).toBe(reason);
  });
});

describe("which of several candidates is picked", () => {
  const candidates = (...turns: readonly string[]) =>
    turns.map((turn) => ({ turn, trust: NEW_TRUST, similarity: 0.9, id: turn }));

  it("the first that is served", () => {
    const picked = pick(LIKE[0], candidates(UNLIKE[1], LIKE[1], LIKE[0]), loose);
    expect(picked?.candidate.id).toBe(LIKE[1]);
    expect(picked?.judgement.serve).toBe(true);
  });

  it("where none is, the one with the least doubt, not to be served", () => {
    const picked = pick(LIKE[0], candidates("What is 7?", LIKE[1]), { ...loose, maxError: 0 });
    expect(picked?.candidate.id).toBe(LIKE[1]);
    expect(picked?.judgement.serve).toBe(false);
    expect(pick(LIKE[0], [], loose)).toBeUndefined();
  });
});

describe("the doubt of the weights", () => {
  it("falls as the score rises", () => {
    expect(doubtOf(-2)).toBeGreaterThan(doubtOf(0));
    expect(doubtOf(0)).toBeGreaterThan(doubtOf(2));
  });

  it("that is allowed rises with the allowed error, from none", () => {
    const allowed = [0, 0.001, 0.02, 0.05, 0.1, 0.2, 0.5, 1].map(doubtAllowed);
    expect(allowed[0]).toBe(0);
    expect(allowed).toEqual(allowed.toSorted((a, b) => a - b));
    expect(new Set(allowed.slice(0, 6)).size).toBe(6);
  });
});

describe("what is learnt of one entry", () => {
  it("a refuted hit raises the doubt of what is no more alike, a confirmed one lowers that of what is", () => {
    const refuted = trustStep(NEW_TRUST, 0.1, "refuted");
    expect(doubtAfter(refuted, 0.1)).toBeCloseTo(0.28);
    expect(doubtAfter(refuted, 0.05)).toBe(0.05);
    const confirmed = trustStep(NEW_TRUST, 0.1, "confirmed");
    expect(doubtAfter(confirmed, 0.1)).toBeCloseTo(0.08);
    expect(doubtAfter(confirmed, 0.2)).toBe(0.2);
  });

  it("keeps the last 32 verdicts", () => {
    let trust = trustStep(NEW_TRUST, 0.1, "refuted");
    for (let time = 0; time < 32; time++) trust = trustStep(trust, 0.1, "confirmed");
    expect(trust.seen).toHaveLength(32);
    expect(trust.seen.every(({ verdict }) => verdict === "confirmed")).toBe(true);
  });
});

describe("what is learnt of a whole index", () => {
  it("nothing seen: the weights' bar holds", () => {
    expect(barOf(NEW_TALLY, 0.05, 0.08)).toBe(0.08);
  });

  it("as many wrong as was claimed leave the bar, many more bring it down, and confirmed ones back up", () => {
    let tally = NEW_TALLY;
    for (let time = 0; time < 40; time++) {
      tally = tallyStep(tally, 0.06, time % 20 === 0 ? "refuted" : "confirmed");
    }
    expect(barOf(tally, 0.05, 0.08)).toBe(0.08);
    for (let time = 0; time < 40; time++) tally = tallyStep(tally, 0.06, "refuted");
    expect(barOf(tally, 0.05, 0.08)).toBe(0.05);
    for (let time = 0; time < 4_000; time++) tally = tallyStep(tally, 0.06, "confirmed");
    expect(barOf(tally, 0.05, 0.08)).toBe(0.08);
  });
});

describe("whether a fresh answer confirms the cached one", () => {
  const long =
    "Guitar is learnt best by playing a little every day, starting with open chords such as G, C and D.";
  it.each([
    ["Paris.", "The capital of France is Paris.", "confirmed"],
    ["Paris", "Lyon", "refuted"],
    ["Paris.", "It is certainly not in Paris at all.", "refuted"],
    ["", "Paris", "refuted"],
    ["42", "41", "refuted"],
    [
      "Yes, you can do that in every browser of today.",
      "No, you can not do that in any browser.",
      "refuted",
    ],
    [long, `${long} Be patient.`, "confirmed"],
    [
      long,
      "The Nile flows through eleven countries and reaches the sea near Alexandria in Egypt.",
      "refuted",
    ],
    [`${long} It takes 3 months.`, `${long} It takes 9 months.`, undefined],
  ] as const)("%s | %s: %s", (cached, fresh, verdict) => {
    expect(verdictOn(cached, fresh)).toBe(verdict);
  });
});
