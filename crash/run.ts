/**
 * Decides: what `npm run crash` plays and prints, and what has to be true after it; exit code 1 where it is not.
 * Never: calls a request that nobody accounts for a detail.
 */
import { readArguments, refuse } from "../scripts/arguments.ts";
import type { Sums } from "./judge.ts";
import { crash, type Outcome } from "./lab.ts";

/** What estimates may be off by. */
const TOLERANCE = 0.1;

const USAGE = `npm run crash -- [--kills 6]

Kills workerd that often under load, and looks for usage that is lost, doubled or invented: crash/README.md`;

const values = readArguments(USAGE, { kills: { type: "string", default: "6" } });
const kills = Number(values.kills);
if (!(Number.isInteger(kills) && kills >= 1)) refuse(USAGE, "--kills takes a number from 1 on.");

const isNear = ({ truth, ledger }: Sums): boolean => Math.abs(ledger - truth) <= TOLERANCE * truth;
const told = ({ truth, ledger }: Sums): string => `${ledger} of ${truth} tokens`;

/** What has to hold, each with what was found. */
const facts = ({
  name,
  truth,
  isQuiet,
}: Outcome): readonly (readonly [string, boolean, string])[] => {
  const missing = truth.missing.length;
  const leased = name === "blocks";
  const covered = leased ? missing === 0 || truth.blocks > 0 : missing === 0;
  return [
    ["requests reached the upstream", truth.served > 0, `${truth.served}`],
    [
      leased ? "each has a row, or a block's row stands for it" : "each has a row",
      covered,
      `${missing} without a row of their own, ${truth.blocks} blocks charged with ${truth.ofBlocks} tokens`,
    ],
    ["none has two", truth.doubled === 0, `${truth.doubled}`],
    ["the provider's own figures are the ledger's", truth.wrong === 0, `${truth.wrong} differ`],
    ["what callers broke off is within 10 %", isNear(truth.estimated), told(truth.estimated)],
    [
      leased ? "with what blocks are charged, all together is paid" : "all together is within 10 %",
      leased
        ? truth.all.ledger + truth.ofBlocks >= (1 - TOLERANCE) * truth.all.truth
        : isNear(truth.all),
      `${told(truth.all)}; of ${truth.expired} whose end nobody told, ${told(truth.lost)}`,
    ],
    ["nothing is held, no slot taken", isQuiet, isQuiet ? "so it is" : "something is"],
  ];
};

const outcomes = await crash(kills, (count) => console.log(`killed: ${count} of ${kills}`));
for (const outcome of outcomes) {
  const statuses = [...outcome.statuses].map(([status, count]) => `${status}: ${count}`).join(", ");
  console.log(`\n${outcome.name}: ${outcome.asked} asked (${statuses})`);
  for (const [what, holds, found] of facts(outcome)) {
    console.log(`${(holds ? "ok" : "FAILED").padEnd(6)}  ${what}: ${found}`);
    if (!holds) process.exitCode = 1;
  }
}
