/**
 * Decides: that the end-to-end tests build the Worker once for all files.
 * Never: keeps the build; the next run makes its own.
 */
import { rm } from "node:fs/promises";
import { bundle } from "./bundle.ts";

export const setup = async (): Promise<() => Promise<void>> => {
  const { folder } = await bundle();
  process.env["HEADGATE_BUNDLE"] = folder;
  return () => rm(folder, { recursive: true, force: true });
};
