/**
 * Decides: how the Worker that is served in tests and measured in the benchmark is built: by the same
 * command that deploys it, without leaving the machine.
 * Never: builds twice in one process.
 */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join, relative } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

export const PROJECT = join(import.meta.dirname, "../..");

type ModuleType = "ESModule" | "Text" | "Data" | "CompiledWasm";
export type BundleModule = {
  readonly type: ModuleType;
  readonly path: string;
  readonly contents: Uint8Array<ArrayBuffer>;
};
export type Bundle = { readonly folder: string; readonly modules: readonly BundleModule[] };

const TYPES: Readonly<Record<string, ModuleType>> = {
  ".js": "ESModule",
  ".mjs": "ESModule",
  ".txt": "Text",
  ".html": "Text",
  ".sql": "Text",
  ".bin": "Data",
  ".wasm": "CompiledWasm",
};

let built: Promise<Bundle> | undefined;

/**
 * Builds with `npm run deploy -- --dry-run`; the entry module comes first. Test files run in processes of their
 * own: where HEADGATE_BUNDLE names a folder, it was built for all of them (build-once.ts).
 */
export const bundle = (): Promise<Bundle> => {
  built ??= build();
  return built;
};

const build = async (): Promise<Bundle> => {
  const shared = process.env["HEADGATE_BUNDLE"];
  if (shared !== undefined) return { folder: shared, modules: await read(shared) };
  const folder = await mkdtemp(join(tmpdir(), "headgate-bundle-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const args = [join(PROJECT, "scripts/deploy.ts"), "--dry-run", "--outdir", folder];
  await promisify(execFile)(process.execPath, args, { cwd: PROJECT });
  return { folder, modules: await read(folder) };
};

/** Of `import x from "./a.js"` and `import "./a.js"`, not of `import("./a.js")`. */
const STATIC_IMPORT = /\b(?:from|import)\s*"\.\/([^"]+)"/g;

/** The code that every isolate loads at its start; the rest waits for an `import()`. Data is apart. */
export const startCode = ({ modules }: Bundle): readonly BundleModule[] => {
  const code = new Map(
    modules.flatMap((one) => (one.type === "ESModule" ? [[one.path, one]] : [])),
  );
  const reached = new Set<BundleModule>();
  const reach = (path: string): void => {
    const one = code.get(path);
    if (one === undefined || reached.has(one)) return;
    reached.add(one);
    const text = new TextDecoder().decode(one.contents);
    for (const [, next = ""] of text.matchAll(STATIC_IMPORT)) reach(next);
  };
  reach("index.js");
  return [...reached];
};

/** Bytes, each module gzipped by itself. */
export const gzippedSize = (modules: readonly BundleModule[]): number =>
  modules.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);

const read = async (folder: string): Promise<BundleModule[]> => {
  const modules: BundleModule[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const type = TYPES[extname(file)];
    if (!entry.isFile() || type === undefined) continue;
    const contents = new Uint8Array(await readFile(file));
    modules.push({ type, path: relative(folder, file), contents });
  }
  return modules.sort((a, b) => Number(b.path === "index.js") - Number(a.path === "index.js"));
};
