import { describe, expect, it } from "vitest";
import type { Candidate, Moment } from "../../../src/policy/routing/candidate.ts";
import { readingOf } from "../../../src/policy/routing/request/reading.ts";
import { STRATEGIES } from "../../../src/policy/routing/strategies/strategies.ts";
import { chanceFrom } from "../../support/chance.ts";
import { candidateOf, NOW, well } from "./stage.ts";

const body = (text: string, more: Record<string, unknown> = {}) => ({
  messages: [{ role: "user", content: text }],
  ...more,
});

const momentOf = (more: Partial<Moment> = {}): Moment => ({
  now: NOW,
  random: () => 0.5,
  stream: false,
  needs: () => readingOf("openai-chat", body("hi")).needs(),
  turn: () => 0,
  ...more,
});

const names = (candidates: readonly Candidate[]) => candidates.map(({ target }) => target.model);

const MIXED: readonly Candidate[] = [
  candidateOf("unseen"),
  candidateOf("fast", { health: well({ totalMs: 100, firstTokenMs: 50 }), weight: 3 }),
  candidateOf("busy", { health: well({ inFlight: 40 }), price: { input: 1, output: 1 } }),
  candidateOf("stale", { health: well({ lastSeenAt: NOW - 90_000, totalMs: 5_000 }) }),
  candidateOf("half", { health: well({ state: "half_open", ramp: 0.1 }), weight: 0.01 }),
];

describe.each(Object.entries(STRATEGIES))("the strategy %s", (_name, strategy) => {
  it("gives back every candidate exactly once, whatever the draw", () => {
    for (const draw of [0, 0.25, 0.5, 0.75, 0.999_999]) {
      for (const turn of [0, 1, 7]) {
        const order = strategy.order(MIXED, momentOf({ random: () => draw, turn: () => turn }));
        expect(new Set(order)).toEqual(new Set(MIXED));
        expect(order).toHaveLength(MIXED.length);
      }
    }
  });

  it("leaves one candidate and none as they are", () => {
    const one = MIXED.slice(0, 1);
    expect(strategy.order(one, momentOf())).toEqual(one);
    expect(strategy.order([], momentOf())).toEqual([]);
  });

  it("does the same twice when told the same", () => {
    expect(strategy.order(MIXED, momentOf())).toEqual(strategy.order(MIXED, momentOf()));
  });

  it("does not change what it is given", () => {
    const given = Object.freeze([...MIXED]);
    strategy.order(given, momentOf());
    expect(given).toEqual(MIXED);
  });
});

describe("round-robin", () => {
  it("begins one further each time and goes round", () => {
    const three = [candidateOf("a"), candidateOf("b"), candidateOf("c")];
    const orders = [0, 1, 2, 3].map((turn) =>
      names(STRATEGIES["round-robin"].order(three, momentOf({ turn: () => turn }))).join(""),
    );
    expect(orders).toEqual(["abc", "bca", "cab", "abc"]);
  });
});

describe("weighted", () => {
  it("puts each first about as often as its weight says", () => {
    const two = [candidateOf("a", { weight: 9 }), candidateOf("b", { weight: 1 })];
    const random = chanceFrom(7);
    const firsts = Array.from({ length: 10_000 }, () =>
      names(STRATEGIES.weighted.order(two, momentOf({ random }))).at(0),
    );
    expect(firsts.filter((name) => name === "a").length / firsts.length).toBeCloseTo(0.9, 1);
  });
});

describe("lowest-latency", () => {
  const slowTotal = candidateOf("x", { health: well({ firstTokenMs: 100, totalMs: 9_000 }) });
  const slowFirst = candidateOf("y", { health: well({ firstTokenMs: 900, totalMs: 1_000 }) });
  const order = (candidates: readonly Candidate[], more: Partial<Moment>) =>
    names(STRATEGIES["lowest-latency"].order(candidates, momentOf(more)));

  it("looks at the first token for a stream and at the whole answer otherwise", () => {
    expect(order([slowFirst, slowTotal], { stream: true })).toEqual(["x", "y"]);
    expect(order([slowFirst, slowTotal], { stream: false })).toEqual(["y", "x"]);
  });

  it("gives a model that nobody has seen an equal's share", () => {
    const random = chanceFrom(7);
    const firsts = Array.from({ length: 6_000 }, () =>
      order([slowFirst, slowTotal, candidateOf("new")], { random }).at(0),
    );
    const share = firsts.filter((name) => name === "new").length / firsts.length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.4);
  });

  it("looks at a model that nobody has seen for a while now and then", () => {
    const slow = candidateOf("slow", {
      health: well({ totalMs: 60_000, lastSeenAt: NOW - 60_000 }),
    });
    expect(order([slowFirst, slow], { random: () => 0.01 })).toEqual(["slow", "y"]);
    expect(order([slowFirst, slow], { random: () => 0.5 })).toEqual(["y", "slow"]);
  });

  it("does not explore where all are equally stale", () => {
    const old = well({ lastSeenAt: NOW - 60_000 });
    const two = [
      candidateOf("a", { health: { ...old, totalMs: 10 } }),
      candidateOf("b", { health: { ...old, totalMs: 20 } }),
    ];
    expect(order(two, { random: () => 0 })).toEqual(["a", "b"]);
  });
});

describe("lowest-cost", () => {
  const reads = candidateOf("cheap-to-read", { price: { input: 100_000, output: 9_000_000 } });
  const writes = candidateOf("cheap-to-write", { price: { input: 1_000_000, output: 1_000_000 } });
  const order = (candidates: readonly Candidate[], request: Record<string, unknown>) =>
    names(
      STRATEGIES["lowest-cost"].order(
        candidates,
        momentOf({ needs: () => readingOf("openai-chat", request).needs() }),
      ),
    );

  it("reckons with this request and not with the list price", () => {
    const long = body("word ".repeat(20_000), { max_tokens: 10 });
    expect(order([writes, reads], long)).toEqual(["cheap-to-read", "cheap-to-write"]);
    expect(order([reads, writes], body("hi"))).toEqual(["cheap-to-write", "cheap-to-read"]);
  });

  it("reckons with an answer of usual length, or a shorter one where it is capped", () => {
    const first = (words: number, more: Record<string, unknown>) =>
      order([writes, reads], body("word ".repeat(words), more))[0];
    expect([first(500, {}), first(500, { max_tokens: 10 })]).toEqual([
      "cheap-to-write",
      "cheap-to-read",
    ]);
    expect([first(5_000, {}), first(5_000, { max_tokens: 100_000 })]).toEqual([
      "cheap-to-read",
      "cheap-to-read",
    ]);
  });

  it("puts a model without a known price last and a free one first", () => {
    const free = candidateOf("free", { price: { input: 0, output: 0 } });
    const unknown = candidateOf("unknown", { price: undefined });
    expect(order([unknown, reads, free], body("hi"))).toEqual(["free", "cheap-to-read", "unknown"]);
  });
});

describe("least-busy", () => {
  it("goes by the calls under way for each one's weight", () => {
    const order = STRATEGIES["least-busy"].order(
      [
        candidateOf("large", { weight: 10, health: well({ inFlight: 5 }) }),
        candidateOf("small", { health: well({ inFlight: 2 }) }),
        candidateOf("idle"),
      ],
      momentOf(),
    );
    expect(names(order)).toEqual(["large", "idle", "small"]);
  });

  it("puts equals in random order", () => {
    const two = [candidateOf("a"), candidateOf("b")];
    const draws = (values: number[]) => () => values.shift() ?? 0;
    const order = (values: number[]) =>
      names(STRATEGIES["least-busy"].order(two, momentOf({ random: draws(values) })));
    expect(order([0.1, 0.9])).toEqual(["a", "b"]);
    expect(order([0.9, 0.1])).toEqual(["b", "a"]);
  });
});
