/**
 * Decides: what `npm run bench` runs and prints: each row of the speed table, measured, beside its bar.
 * Never: compares with another run; floor and gateway stand side by side, and only their ratios mean something.
 *
 *   npm run bench -- --rows requests,burst --rounds 3
 */
import { parseArgs } from "node:util";
import { GROUPS, type Group, NOT_YET, type Row } from "./groups.ts";
import { type Lab, request, startLab } from "./lab.ts";

const { values } = parseArgs({
  options: { rows: { type: "string" }, rounds: { type: "string", default: "5" } },
});
const rounds = Number(values.rounds);
const wanted = values.rows?.split(",") ?? GROUPS.map(({ id }) => id);
const groups = GROUPS.filter(({ id }) => wanted.includes(id));
if (groups.length !== wanted.length || !(rounds >= 1)) {
  console.error(`--rows takes of: ${GROUPS.map(({ id }) => id).join(",")}; --rounds a number`);
  process.exit(2);
}

const WARM_UP = { connections: 32, seconds: 1.5 };

const warmUp = async (lab: Lab): Promise<void> => {
  for (const side of ["floor", "full"] as const) {
    await lab.load(side, { model: "whole" }, WARM_UP);
    await lab.load(side, { model: "burst-200", stream: true }, WARM_UP);
  }
};

/** What the gateway did for one request, in its own words. */
const stages = async (lab: Lab): Promise<string> => {
  const [, body = ""] = request(lab.full.url, "full", { model: "whole" }, lab.key).split(
    "\r\n\r\n",
  );
  const response = await fetch(`${lab.full.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${lab.key}`, "content-type": "application/json" },
    body,
  });
  await response.text();
  return response.headers.get("server-timing") ?? "no server-timing";
};

type Measured = { readonly row: Row; readonly figures: readonly number[] };

const measure = async (lab: Lab): Promise<Measured[]> => {
  const figures = new Map<Group, (readonly number[])[]>(groups.map((group) => [group, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [group, found] of figures) {
      if (group.isOnce === true && round > 0) continue;
      console.error(`round ${round + 1} of ${rounds}: ${group.id}`);
      found.push(await group.measure(lab, round));
    }
  }
  return [...figures].flatMap(([group, found]) =>
    group.rows.map((row, index) => ({
      row,
      figures: found.map((one) => one[index] ?? Number.NaN).sort((a, b) => a - b),
    })),
  );
};

const print = ({ row, figures }: Measured): void => {
  const show = (figure: number): string => `${figure.toFixed(2)}${row.unit && ` ${row.unit}`}`;
  const half = (figures.length - 1) / 2;
  const median = ((figures[Math.floor(half)] ?? 0) + (figures[Math.ceil(half)] ?? 0)) / 2;
  const isMet = "atLeast" in row.bar ? median >= row.bar.atLeast : median <= row.bar.atMost;
  const bar = "atLeast" in row.bar ? `≥ ${row.bar.atLeast}` : `≤ ${row.bar.atMost}`;
  const spread = `${(figures[0] ?? 0).toFixed(2)}–${(figures.at(-1) ?? 0).toFixed(2)}`;
  console.log(
    `${row.title.padEnd(72)} ${show(median).padStart(10)}  ${spread.padStart(13)}  ${bar.padEnd(7)} ${isMet ? "ok" : "short"}`,
  );
};

const lab = await startLab();
try {
  await warmUp(lab);
  const timing = await stages(lab);
  const measured = await measure(lab);
  console.log(`\nactive stages of the gateway: ${timing}\n`);
  console.log(`${"row".padEnd(72)} ${"median".padStart(10)}  ${"spread".padStart(13)}  bar`);
  for (const one of measured) print(one);
  if (values.rows === undefined)
    for (const title of NOT_YET) console.log(`${title.padEnd(72)}    not yet`);
} finally {
  await lab.dispose();
}
