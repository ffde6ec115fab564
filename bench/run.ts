/**
 * Decides: what `npm run bench` runs and prints: each row of the speed table, measured, beside its bar.
 * Never: compares with another run; floor and gateway stand side by side, and only their ratios mean something.
 */
import { readArguments, refuse } from "../scripts/arguments.ts";
import { GROUPS } from "./groups.ts";
import { type Lab, request, startLab, startPlain } from "./lab.ts";
import { type Group, medianOf, type Row } from "./measure.ts";
import { withPeer } from "./peer.ts";

const USAGE = `npm run bench -- [--rows LIST] [--rounds 5] [--against SIDE] [--profile ROWS]

  --rows     of ${GROUPS.map(({ id }) => id).join(",")}; all unless told otherwise
  --rounds   how often each is measured
  --against  another side: pump, least, or the URL of a gateway that speaks OpenAI's chat, with
             --header "name: value", --key KEY and --pid PROCESS as it needs them
  --profile  where the gateway spends its CPU for these rows, instead

Measures the gateway beside a Worker that only forwards: bench/README.md`;

const values = readArguments(USAGE, {
  rows: { type: "string" },
  rounds: { type: "string", default: "5" },
  against: { type: "string" },
  header: { type: "string", multiple: true, default: [] },
  key: { type: "string", default: "sk-bench" },
  pid: { type: "string" },
  profile: { type: "string" },
});
const rounds = Number(values.rounds);
const wanted = (values.profile ?? values.rows)?.split(",") ?? GROUPS.map(({ id }) => id);
const groups = GROUPS.filter(({ id }) => wanted.includes(id));
if (groups.length !== wanted.length || !(rounds >= 1)) refuse(USAGE);
if (!/^(pump|least|.+:\/\/.+)$/.test(values.against ?? "least")) refuse(USAGE);
if (values.profile !== undefined) {
  process.env["HEADGATE_INSPECT"] = "yes";
  const { readableBundle } = await import("./profile.ts");
  process.env["HEADGATE_BUNDLE"] = await readableBundle();
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
  const ask = { model: "whole", temperature: 0 };
  const [, body = ""] = request(lab.full.url, "full", ask, lab).split("\r\n\r\n");
  const response = await fetch(`${lab.full.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${lab.key}`, "content-type": "application/json" },
    body,
  });
  await response.text();
  return response.headers.get("server-timing") ?? "no server-timing";
};

/** One of those that are measured: our gateway, or another one. */
type Contender = {
  readonly name: string;
  readonly lab: Lab;
  readonly groups: readonly Group[];
  /** Another one may fail a row: it has no figure then. */
  readonly isOther?: true;
};
type Measured = { readonly row: Row; readonly figures: readonly number[] };

/** All of them in each round, so that what disturbs the machine disturbs them alike. */
const measure = async (contenders: readonly Contender[]): Promise<Map<Contender, Measured[]>> => {
  const found = new Map(
    contenders.map((one) => [
      one,
      new Map(one.groups.map((group) => [group, [] as (readonly number[])[]])),
    ]),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const [{ name, lab, isOther }, figures] of found) {
      for (const [group, list] of figures) {
        if (group.isOnce === true && round > 0) continue;
        console.error(`round ${round + 1} of ${rounds}: ${name} ${group.id}`);
        const measured = group.measure(lab, round).catch((problem: unknown) => {
          if (isOther !== true) throw problem;
          console.error(String(problem).split("\n", 1)[0]);
          return [];
        });
        list.push(await measured);
      }
    }
  }
  return new Map(
    [...found].map(([one, figures]) => [
      one,
      [...figures].flatMap(([group, list]) =>
        group.rows.map((row, at) => ({ row, figures: list.map((one) => one[at] ?? Number.NaN) })),
      ),
    ]),
  );
};

const print = ({ row, figures }: Measured): void => {
  const show = (figure: number): string => `${figure.toFixed(2)}${row.unit && ` ${row.unit}`}`;
  const median = medianOf(figures);
  const isMet = "atLeast" in row.bar ? median >= row.bar.atLeast : median <= row.bar.atMost;
  const bar = "atLeast" in row.bar ? `≥ ${row.bar.atLeast}` : `≤ ${row.bar.atMost}`;
  const spread = `${Math.min(...figures).toFixed(2)}–${Math.max(...figures).toFixed(2)}`;
  const verdict = Number.isNaN(median) ? "not measured" : isMet ? "ok" : "short";
  console.log(
    `${row.title.padEnd(72)} ${show(median).padStart(10)}  ${spread.padStart(13)}  ${bar.padEnd(7)} ${verdict}`,
  );
};

const lab = await startLab();
try {
  await warmUp(lab);
  if (values.profile !== undefined) {
    const { profiled, report } = await import("./profile.ts");
    const work = async (): Promise<void> => {
      for (const group of groups) await group.measure(lab, 0);
    };
    await report(await profiled(lab.full, work), `${values.profile}.cpuprofile`);
  } else {
    const timing = await stages(lab);
    const { against, header, key, pid } = values;
    const ours: Contender = { name: "headgate", lab, groups };
    const contenders = [ours];
    // A name is that of a Worker of this folder.
    const plain =
      against?.includes("://") === false
        ? await startPlain(`${against}-worker.js`, lab.upstreamUrl)
        : undefined;
    if (against !== undefined) {
      const options = {
        ...{ url: plain === undefined ? against : `${plain.url}/v1`, headers: header, key },
        pid: plain?.pid ?? (pid === undefined ? undefined : Number(pid)),
      };
      const any = groups.filter(({ suitsAny }) => suitsAny === true);
      contenders.push({ name: against, lab: withPeer(lab, options), groups: any, isOther: true });
    }
    for (const [{ name }, measured] of await measure(contenders)) {
      console.log(
        `\n${name}\n${"row".padEnd(72)} ${"median".padStart(10)}  ${"spread".padStart(13)}  bar`,
      );
      for (const one of measured) print(one);
    }
    await plain?.dispose();
    console.log(`\nactive stages of the gateway: ${timing}`);
  }
} finally {
  await lab.dispose();
}
