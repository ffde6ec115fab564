/**
 * Decides: how large the code is that every isolate loads at its start, and what that start costs. Code that
 * waits for its first use is apart, and so are data modules (token ranks, weights).
 * Never: needs an account; `wrangler check startup` profiles locally.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundle, gzippedSize, PROJECT, startCode } from "../test/support/bundle.ts";
import { medianOf } from "./measure.ts";

/** One start's figure differs from the next by half, since a sample is a millisecond. */
const STARTS = 5;

/** Kilobytes gzipped, and milliseconds of CPU between loading and the first request: the median of some starts. */
export const measureBundle = async (): Promise<readonly number[]> => {
  const built = await bundle();
  const kilobytes = gzippedSize(startCode(built)) / 1000;
  const starts: number[] = [];
  for (let start = 0; start < STARTS; start += 1) starts.push(await startUpMs(built.folder));
  return [kilobytes, medianOf(starts)];
};

const startUpMs = async (folder: string): Promise<number> => {
  const profile = join(folder, "startup.cpuprofile");
  // What was built is profiled as it is; its source maps were left behind.
  const built = [
    ...["--config", join(PROJECT, "wrangler.toml"), "--no-bundle", "--no-minify"],
    ...["--upload-source-maps=false", join(folder, "index.js")],
  ];
  const args = ["check", "startup", "--outfile", profile, `--args=${built.join(" ")}`];
  const wrangler = join(PROJECT, "node_modules/.bin/wrangler");
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
  await promisify(execFile)(wrangler, args, { cwd: PROJECT, env });
  return activeMs(profile);
};

type Profile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string } }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
};

/** Of a V8 CPU profile: everything but waiting. */
const activeMs = async (file: string): Promise<number> => {
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(file, "utf8")) as Profile;
  const isIdle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)").map(({ id }) => id),
  );
  const micros = samples.reduce(
    (sum, node, index) => sum + (isIdle.has(node) ? 0 : (timeDeltas[index] ?? 0)),
    0,
  );
  return micros / 1000;
};
