/**
 * Decides: how the Worker is built for a deployment: the modules that every isolate loads at its start, and
 * those that wait for the first `import()` of them.
 * Never: is needed to run it locally: wrangler bundles the same source into one module (decision 16).
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { joinStart } from "./build-start.ts";

const PROJECT = join(import.meta.dirname, "..");

/** Fitted weights are data: a text module beside the code, instead of a literal in it. */
const weightsApart: Plugin = {
  name: "weights-apart",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/weights\.json$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      namespace: "weights",
    }));
    onLoad({ filter: /.*/, namespace: "weights" }, ({ path }) => ({
      contents: `import text from ${JSON.stringify(`${path}.txt`)}; export default JSON.parse(text);`,
      resolveDir: dirname(path),
    }));
    onResolve({ filter: /\/weights\.json\.txt$/ }, ({ path }) => ({
      path,
      namespace: "weights-text",
    }));
    onLoad({ filter: /.*/, namespace: "weights-text" }, async ({ path }) => ({
      contents: await readFile(path.slice(0, -".txt".length)),
      loader: "copy",
    }));
  },
};

/** Writes the entry `index.js`, its other modules and their source maps into an empty folder. */
export const buildWorker = async (folder: string, minify = true): Promise<void> => {
  await build({
    absWorkingDir: PROJECT,
    entryPoints: ["src/index.ts"],
    outdir: folder,
    bundle: true,
    splitting: true,
    minify,
    sourcemap: true,
    // As wrangler builds: what workerd understands, and whose packages' variants it wants.
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    define: { "process.env.NODE_ENV": '"production"' },
    external: ["cloudflare:*"],
    loader: { ".bin": "copy" },
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    legalComments: "none",
    logLevel: "warning",
    plugins: [weightsApart],
  });
  if (minify) await joinStart(folder);
};
