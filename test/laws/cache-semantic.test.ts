import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare } from "../../src/policy/cache/semantic/compare.ts";
import { verdictOn } from "../../src/policy/cache/semantic/confirm.ts";
import { cosineOf, DIMENSIONS, embedLexically } from "../../src/policy/cache/semantic/embed.ts";
import { type Evidence, FIGURES } from "../../src/policy/cache/semantic/evidence.ts";
import { judge } from "../../src/policy/cache/semantic/judge.ts";
import { askedOf } from "../../src/policy/cache/semantic/partition.ts";
import { doubtAllowed, doubtOf, scoreOf } from "../../src/policy/cache/semantic/score.ts";
import { NEW_TALLY } from "../../src/policy/cache/semantic/tally.ts";
import {
  coarse,
  type Forest,
  pack,
  scoreBy,
  unpack,
} from "../../src/policy/cache/semantic/trees.ts";
import { NEW_TRUST } from "../../src/policy/cache/semantic/trust.ts";
import { keyOf } from "../policy/cache/stage.ts";

const anyWord = fc.constantFrom(
  ..."how do i can what is the best way to learn play guitar piano python not 3 5 Paris Rome kill".split(
    " ",
  ),
);
const anyTurn = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.array(anyWord, { maxLength: 14 }).map((words) => words.join(" ")),
);

describe("the law of comparing turns", () => {
  it("every pair of texts is judged, the same whichever is named first", () => {
    fc.assert(
      fc.property(anyTurn, anyTurn, (one, other) => {
        const compared = compare(one, other);
        expect(compare(other, one)).toEqual(compared);
        for (const value of Object.values(compared.evidence ?? {})) {
          expect(Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("nothing keeps a turn apart from itself", () => {
    fc.assert(
      fc.property(anyTurn, (turn) => {
        expect(compare(turn, turn).disagreement).toBeUndefined();
      }),
    );
  });

  it("a number more or less is never served, however much else is the same", () => {
    const loose = { threshold: undefined, maxError: 1, tally: NEW_TALLY };
    fc.assert(
      fc.property(anyTurn, fc.nat(), fc.nat(), (turn, one, other) => {
        fc.pre(one !== other);
        const candidate = { turn: `${turn} ${other}`, trust: NEW_TRUST, similarity: 1 };
        expect(judge(`${turn} ${one}`, candidate, loose).serve).toBe(false);
      }),
    );
  });
});

describe("the law of verdicts", () => {
  it("an answer confirms itself", () => {
    fc.assert(
      fc.property(anyTurn, (answer) => {
        fc.pre(/[a-z]/i.test(answer));
        expect(verdictOn(answer, answer)).not.toBe("refuted");
      }),
    );
  });
});

describe("the law of vectors", () => {
  it("a vector has length 1, or none where there are no words", () => {
    fc.assert(
      fc.property(anyTurn, (turn) => {
        const vector = embedLexically(turn);
        expect(vector).toHaveLength(DIMENSIONS);
        const length = cosineOf(vector, vector);
        expect(length === 0 || Math.abs(length - 1) < 1e-5).toBe(true);
      }),
    );
  });

  it("capitals and white space change nothing", () => {
    fc.assert(
      fc.property(fc.array(anyWord, { minLength: 1, maxLength: 9 }), (words) => {
        const plain = embedLexically(words.join(" "));
        expect(embedLexically(`  ${words.join("\n ").toUpperCase()}`)).toEqual(plain);
      }),
    );
  });
});

describe("the law of weights", () => {
  const names = Object.keys(FIGURES) as (keyof Evidence)[];
  const anyEvidence: fc.Arbitrary<Evidence> = fc
    .array(fc.double({ min: 0, max: 12, noNaN: true }), {
      minLength: names.length,
      maxLength: names.length,
    })
    .map((values) => Object.fromEntries(names.map((name, at) => [name, values[at]])) as Evidence);
  const directed = names.filter((name) => FIGURES[name] !== 0);

  it("no figure ever pushes the other way than its meaning says", () => {
    fc.assert(
      fc.property(
        anyEvidence,
        fc.constantFrom(...directed),
        fc.double({ min: 0, max: 12, noNaN: true }),
        (evidence, name, more) => {
          const raised = scoreOf({ ...evidence, [name]: evidence[name] + more });
          const change = (raised - scoreOf(evidence)) * FIGURES[name];
          expect(change).toBeGreaterThanOrEqual(-1e-6);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("doubt is a share, and more allowed error never allows less doubt", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.double({ min: -50, max: 50, noNaN: true }), (one, other, at) => {
        const [less, more] = one <= other ? [one, other] : [other, one];
        expect(doubtAllowed(less)).toBeLessThanOrEqual(doubtAllowed(more));
        expect(doubtOf(at)).toBeGreaterThanOrEqual(0);
        expect(doubtOf(at)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("a forest that was put into text comes back as it was", () => {
    const leaf = fc.double({ min: -9, max: 9, noNaN: true }).map(coarse);
    type Tree = { figure: number; value: number; left?: Tree; right?: Tree };
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf.map((value) => ({ figure: -1, value })),
        fc.record({ figure: fc.nat(9), value: leaf, left: tie("tree"), right: tie("tree") }),
      ),
    }));
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 5 }), fc.array(leaf), (trees, row) => {
        const figure: number[] = [];
        const value: number[] = [];
        const right: number[] = [];
        const put = (node: Tree): void => {
          const place = figure.length;
          figure.push(node.figure);
          value.push(node.value);
          right.push(0);
          if (node.left === undefined || node.right === undefined) return;
          put(node.left);
          right[place] = figure.length;
          put(node.right);
        };
        const roots = trees.map((one) => {
          const root = figure.length;
          put(one);
          return root;
        });
        const forest: Forest = {
          base: 0.5,
          roots,
          figure: Int8Array.from(figure),
          value: Float32Array.from(value),
          right: Uint16Array.from(right),
        };
        const back = unpack(JSON.parse(JSON.stringify(pack(forest))));
        expect(back).toEqual(forest);
        expect(scoreBy(back, row)).toBe(scoreBy(forest, row));
      }),
    );
  });
});

describe("the law of partitions", () => {
  it("two requests share one exactly when all but the last words is the same", () => {
    const anyText = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== "");
    const anyRequest = fc.record({
      scope: fc.constantFrom("a", "b"),
      system: fc.constantFrom("x", "y"),
      temperature: fc.constantFrom(0, 1),
      said: anyText,
    });
    fc.assert(
      fc.property(anyRequest, anyRequest, (one, other) => {
        const [here, there] = [one, other].map(({ scope, system, temperature, said }) =>
          askedOf(
            keyOf({
              scope,
              body: {
                temperature,
                messages: [
                  { role: "system", content: system },
                  { role: "user", content: said },
                ],
              },
            }),
            "lexical",
          ),
        );
        const same =
          one.scope === other.scope &&
          one.system === other.system &&
          one.temperature === other.temperature;
        expect(here?.partition === there?.partition).toBe(same);
      }),
    );
  });
});
