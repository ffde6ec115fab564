import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, ORG, startJourney } from "../support/journey.ts";
import { expectAtRest, rowOf } from "../support/ledger.ts";
import {
  allOf,
  askCase,
  CANARIES,
  type FaultCase,
  sectionsFor,
  told,
  triesOf,
  WHOLE,
  waysOf,
} from "../support/upstream-cases.ts";

const ALONE = { fallbacks: [false] };

/** The least and the most that the ledger may say. */
type Range = readonly [least: number, most: number];
type Figures = { readonly input: Range; readonly output: Range; readonly estimated: boolean };

/** Our own counts: "hi" in its frame, and sixty English words. */
const COUNTED: Figures = { input: [1, 30], output: [60, 80], estimated: true };
/** Ten times the most that such a request, and such an answer, can have. */
const CUT: Figures = { input: [40_960, 40_960], output: [40_960, 40_960], estimated: true };
const exactly = (input: number, output: number): Figures => ({
  ...{ input: [input, input], output: [output, output], estimated: false },
});

const FIGURES: readonly {
  f: string;
  fault: string;
  ledger: Figures;
  usd?: number;
  streams?: boolean[];
}[] = [
  { f: "F20", fault: "usage-missing", ledger: COUNTED },
  { f: "F20", fault: "usage-zero", ledger: exactly(0, 0), usd: 0 },
  { f: "F20", fault: "usage-negative", ledger: COUNTED },
  { f: "F20", fault: "usage-absurd", ledger: CUT },
  // 25 tokens in at one dollar a million, 60 out at two.
  { f: "F21", fault: "usage-twice", ledger: exactly(25, 60), usd: 0.000145, streams: [true] },
];
const CASES = FIGURES.flatMap((row) =>
  waysOf(row.fault, { ...ALONE, ...row }).map((one: FaultCase) => ({
    f: row.f,
    usd: row.usd,
    ledger: row.ledger,
    ...one,
  })),
);
const STRIPPED = waysOf("cookies", ALONE);
const ONCE = [
  // Where nobody answers at all, another target is asked instead if there is one.
  ...waysOf("reset-before-headers-once", ALONE),
  ...["status-500", "status-502", "status-503"].flatMap((fault) => waysOf(`${fault}-once`)),
];

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({
    counted: true,
    config: (upstream) => sectionsFor(upstream, [...CASES, ...STRIPPED, ...ONCE]),
  });
});
afterAll(() => journey?.dispose());

describe("figures that cannot be true", () => {
  it.each(CASES)("$f $name spoil no answer and cost nobody less than nothing", async (row) => {
    const response = await askCase(journey, row);
    const text = await response.text();
    expect(response.status).toBe(200);
    const heard = told(text, row);
    expect(heard).toMatchObject({ ...WHOLE, isEnded: true });
    // What is known only at the end of a stream stands in a chat's usage chunk, and nowhere on messages.
    const cost = row.stream
      ? heard.headgate?.["cost_usd"]
      : response.headers.get("x-headgate-cost-usd");
    if (cost !== undefined && cost !== null) expect(Number(cost)).toBeGreaterThanOrEqual(0);
    const isToldOf = !row.stream || row.endpoint === "chat";
    if (row.usd !== undefined && isToldOf) expect(Number(cost)).toBeCloseTo(row.usd, 9);

    const kept = await rowOf(journey, response.headers.get("x-request-id"));
    const { input, output, estimated } = row.ledger;
    const { input_tokens: read = 0, output_tokens: written = 0 } = kept;
    expect(kept).toMatchObject({ status: 200, error_code: null, attempts: 1, estimated });
    expect(read).toBeGreaterThanOrEqual(input[0]);
    expect(read).toBeLessThanOrEqual(input[1]);
    expect(written).toBeGreaterThanOrEqual(output[0]);
    expect(written).toBeLessThanOrEqual(output[1]);
    expect(kept["cost_usd"]).toBeCloseTo(((read ?? 0) + 2 * (written ?? 0)) / 1e6, 9);
  });
});

describe("what a provider says beside its answer", () => {
  it.each(STRIPPED)("F24 $name: its headers stay behind", async (one) => {
    const response = await askCase(journey, one);
    const text = await response.text();
    expect(told(text, one)).toMatchObject(WHOLE);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(allOf(response, text)).not.toMatch(CANARIES);
  });
});

describe("a fault that does not come back", () => {
  it.each(ONCE)("F1 F6 $name is repeated away at the same target", async (one) => {
    const response = await askCase(journey, one);
    expect(told(await response.text(), one)).toMatchObject({ ...WHOLE, isEnded: true });
    expect(response.headers.get("x-headgate-attempts")).toBe("2");
    expect(response.headers.get("x-headgate-model")).toBe(one.name);
    expect(response.headers.get("x-headgate-fallback-from")).toBeNull();
    expect(triesOf(journey, one)).toHaveLength(2);
  });
});

it("leaves nothing held when all is over", async () => {
  await expectAtRest(journey.gateway, ORG);
});
