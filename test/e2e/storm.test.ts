import { afterAll, beforeAll, expect, it } from "vitest";
import { LEVELS } from "../../storm/account.ts";
import { hundredTokens, strictDollars } from "../../storm/budgets.ts";
import { exactly, KINDS, type Kind, slotsExactly } from "../../storm/exact.ts";
import { type Finding, type Lab, startLab } from "../../storm/lab.ts";
import { revoked, WAYS, type Way } from "../../storm/revocation.ts";

// `npm run storm` plays the same with 200 callers, and measures durations too.
const CALLERS = 40;
const MAX = 10;
const KIND_NAMES = Object.keys(KINDS) as Kind[];

let lab: Lab;
beforeAll(async () => {
  lab = await startLab(CALLERS);
});
afterAll(() => lab?.dispose());

/** What was found, in words, where it is not as it has to be. */
const wrong = ({ what, expected, measured, ok }: Finding): string | undefined =>
  ok === true ? undefined : `${what}: expected ${expected}, measured ${measured}`;

it.each(LEVELS.map((level, at) => [KIND_NAMES[at % KIND_NAMES.length] as Kind, level] as const))(
  "a limit on %s at the level of the %s admits exactly its maximum",
  async (kind, level) => {
    expect(wrong(await exactly(lab, level, kind, MAX, CALLERS, false))).toBeUndefined();
  },
);

it("slots let exactly their number run at once", async () => {
  expect(wrong(await slotsExactly(lab, "org", MAX, CALLERS, false))).toBeUndefined();
});

it("blocks that isolates hold let no more run than there are slots", async () => {
  expect(wrong(await slotsExactly(lab, "key", MAX, CALLERS, true))).toBeUndefined();
});

it("a budget of tokens is not passed by callers who ask at once", async () => {
  expect(wrong(await hundredTokens(lab))).toBeUndefined();
});

it("a strict budget in dollars is spent to its last nano-dollar at most", async () => {
  expect(wrong(await strictDollars(lab, 0.005))).toBeUndefined();
});

it.each(Object.keys(WAYS) as Way[])(
  "a revoked key is not admitted after the revocation was answered: %s",
  async (way) => {
    expect(wrong(await revoked(lab, way, 500, 300))).toBeUndefined();
  },
);
