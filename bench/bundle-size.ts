/**
 * Decides: how large the deployed bundle is, and what its start costs.
 * Never: needs an account; `wrangler check startup` profiles locally.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { bundle, PROJECT } from "../test/support/bundle.ts";

/** Kilobytes gzipped, and milliseconds of CPU between loading and the first request. */
export const measureBundle = async (): Promise<readonly number[]> => {
  const { folder, modules } = await bundle();
  const bytes = modules.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
  const args = ["check", "startup", "--outfile", join(folder, "startup.cpuprofile")];
  const wrangler = join(PROJECT, "node_modules/.bin/wrangler");
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
  const { stdout } = await promisify(execFile)(wrangler, args, { cwd: PROJECT, env });
  const active = /Active: ([\d.]+) ms/.exec(stdout)?.[1];
  if (active === undefined) throw new Error("wrangler check startup printed no active time");
  return [bytes / 1000, Number(active)];
};
