/**
 * Decides: that the end-to-end tests build the Worker once for all files.
 * Never: keeps the build beyond this run.
 */
import { bundle } from "./bundle.ts";

export const setup = async (): Promise<void> => {
  const { folder } = await bundle();
  process.env["HEADGATE_BUNDLE"] = folder;
};
