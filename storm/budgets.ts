/**
 * Decides: whether budgets hold: of tokens and of dollars, strict ones to the last token, balanced ones to within
 * a hundredth, while callers race for what is left.
 * Never: lets the gateway know beforehand how long an answer will be.
 */
import { chanceFrom } from "../test/support/chance.ts";
import { promptFor } from "../test/support/counting-upstream.ts";
import { type Account, on, quiet } from "./account.ts";
import type { Finding, Lab } from "./lab.ts";
import { isWithin, sampled } from "./sampler.ts";

const SETTLED_MS = 10_000;
/** The loss that is allowed to a balanced budget, as a share of it. */
const BALANCED_OVERRUN = 0.01;
/** Refusals in a row after which a caller believes that the budget is spent; where it is only held, later. */
const ENOUGH = 3;
const HELD = 0.05;
const WAVES = 3;

/** Log-normal, about 60 words, one in twenty above 200: as answers of chat models are spread. */
const answerLength = (random: () => number): number => {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(1, Math.min(2_000, Math.round(Math.exp(4.1 + 0.75 * normal))));
};

const sumOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** Twenty callers with 32 tokens each, again and again, at a budget of 100. */
export const hundredTokens = async (lab: Lab): Promise<Finding> => {
  const account = await lab.account({ key: on([{ unit: "tokens", per: "day", max: 100 }]) });
  const ask = (_: unknown, index: number) =>
    account.ask({
      model: "demo",
      messages: [{ role: "user", content: "hi" }],
      max_tokens: 32,
      stream: index % 2 === 1,
    });
  const waves = async (): Promise<number> => {
    let admitted = 0;
    for (let wave = 0; wave < WAVES; wave += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, ask));
      admitted += answers.filter(({ status }) => status === 200).length;
      await quiet(account, SETTLED_MS);
    }
    return admitted;
  };
  const { result: admitted, samples } = await sampled(account, waves());
  const rows = await account.rows();
  const tokens = sumOf(rows.flatMap((row) => [row.input_tokens, row.output_tokens]));
  return {
    what: "20 calls at once of up to 32 tokens, three times, at a budget of 100 tokens",
    expected: "never above 100",
    measured: `${tokens} tokens in ${admitted} answers, at most ${Math.round(100 * samples.worst)} used and held`,
    ok: tokens <= 100 && tokens > 0 && rows.length === admitted && isWithin(samples),
  };
};

type Spent = { readonly admitted: number; readonly usd: number; readonly rows: number };

/** Callers who go on until they are refused for good. */
const spend = async (
  account: Account,
  callers: number,
  maxTokens: (words: number) => object,
): Promise<Spent> => {
  const random = chanceFrom(20_261_121);
  let admitted = 0;
  const caller = async (number: number): Promise<void> => {
    for (let refusals = 0, turn = 0; refusals < ENOUGH; turn += 1) {
      const words = answerLength(random);
      const content = promptFor({ mark: `${account.org}-${number}-${turn}`, words });
      const answer = await account.ask({
        model: "counting",
        messages: [{ role: "user", content }],
        stream: turn % 2 === 1,
        ...maxTokens(words),
      });
      if (answer.status === 200) {
        admitted += 1;
        refusals = 0;
      } else {
        refusals += answer.code === "budget_held" ? HELD : 1;
        await new Promise((done) => setTimeout(done, 100));
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  await quiet(account, SETTLED_MS);
  const rows = await account.rows();
  return { admitted, usd: sumOf(rows.map(({ cost_usd }) => cost_usd)), rows: rows.length };
};

/** Four budgets above one another, the tightest at the key; caps stated by some callers and not by others. */
export const strictDollars = async (lab: Lab, max: number): Promise<Finding> => {
  const budget = (usd: number): object => on([{ unit: "usd", per: "day", max: usd }]);
  const account = await lab.account({
    org: budget(4 * max),
    team: budget(3 * max),
    user: budget(2 * max),
    key: budget(max),
  });
  const capped = (words: number): object => (words % 3 === 0 ? {} : { max_tokens: 2 * words });
  const { result, samples } = await sampled(account, spend(account, lab.width, capped));
  const { admitted, usd, rows } = result;
  const over = Math.max(0, usd - max);
  return {
    what: `strict budget of $${max} under budgets at four levels, ${lab.width} callers`,
    expected: "$0 overspent, used + held ≤ max at every look, a row each",
    measured: `$${over} overspent of $${usd.toFixed(6)} in ${admitted} answers, ${rows} rows, at most ${(100 * samples.worst).toFixed(2)} % at ${samples.looks} looks`,
    ok: over <= 1e-9 && isWithin(samples) && rows === admitted && admitted > 0,
  };
};

/** What is held is a guess here: what answers have lately come to. */
export const balancedDollars = async (lab: Lab, max: number): Promise<Finding> => {
  const account = await lab.account({
    key: on([{ unit: "usd", per: "day", max }], { reserve: "balanced" }),
  });
  const { admitted, usd } = await spend(account, 32, () => ({}));
  const over = Math.max(0, usd - max) / max;
  return {
    what: `balanced budget of $${max}, 32 callers, answers of random length`,
    expected: "at most 1 % overspent",
    measured: `${(100 * over).toFixed(3)} % overspent, $${usd.toFixed(6)} in ${admitted} answers`,
    ok: over <= BALANCED_OVERRUN && admitted > 0,
  };
};
