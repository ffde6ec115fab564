/**
 * Decides: that all code which an isolate loads at its start is one module: together it compresses by a twentieth
 * better than in the dozens that code splitting makes of it.
 * Never: moves what waits for an `import()`, or changes a statement.
 */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const ENTRY = "index.js";
const START = "start.js";

type Names = readonly { readonly theirs: string; readonly ours: string }[];
/** `names`: undefined where it names no single ones. */
type Import = {
  readonly text: string;
  readonly from: string;
  readonly names: Names | undefined;
};
type Module = { readonly imports: readonly Import[]; readonly rest: string };

/** As esbuild writes them when it minifies: all at the beginning. */
const IMPORT = /^import(?:\{(?<names>[^}]*)\}from|(?<other>[^"{}();]+)from)?"(?<from>[^"]+)";/;

const namesIn = (list: string): Names =>
  list.split(",").map((each) => {
    const [theirs = "", ours = theirs] = each.split(" as ");
    return { theirs, ours };
  });

const read = (text: string): Module => {
  const imports: Import[] = [];
  let rest = text;
  for (let found = IMPORT.exec(rest); found !== null; found = IMPORT.exec(rest)) {
    const { names, other, from = "" } = found.groups ?? {};
    const named = other === undefined ? (names === undefined ? [] : namesIn(names)) : undefined;
    imports.push({ text: found[0], from: from.replace(/^\.\//, ""), names: named });
    rest = rest.slice(found[0].length);
  }
  return { imports, rest };
};

/** Those that the entry needs at once, however many steps away. */
const reachedFrom = (modules: ReadonlyMap<string, Module>): ReadonlySet<string> => {
  const reached = new Set<string>();
  const reach = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const { from } of modules.get(name)?.imports ?? []) if (modules.has(from)) reach(from);
  };
  reach(ENTRY);
  return reached;
};

/** The runtime takes every export of the entry for something that it can start. */
const exportsOf = (entry: string): readonly string[] => {
  const list = /export\{(?<names>[^}]*)\};\s*(?:\/\/#.*)?\s*$/.exec(entry)?.groups?.["names"];
  if (list === undefined) throw new Error("the entry exports nothing");
  return namesIn(list).map(({ ours }) => ours);
};

/** In a folder of modules that esbuild has split and minified. */
export const joinStart = async (folder: string): Promise<void> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".js"));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const modules = new Map(files.map((file, at) => [file, read(texts[at] ?? "")] as const));
  const start = reachedFrom(modules);
  /** What of it those that wait need, by its place; each gets a name that no other export has. */
  const shared = new Map<string, string>();
  const nameFor = (module: string, name: string): string => {
    const line = `${name} of ${module}`;
    const known = shared.get(line) ?? `s${shared.size}`;
    shared.set(line, known);
    return known;
  };
  for (const [file, { imports, rest }] of modules) {
    if (start.has(file)) continue;
    const lines = imports.map(({ text, from, names }) => {
      if (!start.has(from)) return text;
      if (names === undefined) throw new Error(`${file} imports ${from} as a whole`);
      const list = names.map(({ theirs, ours }) => `${nameFor(from, theirs)} as ${ours}`);
      return list.length === 0 ? "" : `import{${list.join(",")}}from"./${START}";`;
    });
    await writeFile(join(folder, file), lines.join("") + rest);
  }
  const waiting = files.filter((file) => !start.has(file)).map((file) => `./${file}`);
  const contents = [
    `export * from "./${ENTRY}";`,
    `export { default } from "./${ENTRY}";`,
    ...[...shared].map(([line, ours]) => {
      const [name, module] = line.split(" of ");
      return `export { ${name} as ${ours} } from "./${module}";`;
    }),
  ];
  await build({
    stdin: { contents: contents.join("\n"), resolveDir: folder, sourcefile: "all.js" },
    outfile: join(folder, START),
    bundle: true,
    minify: true,
    sourcemap: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*", "./*.txt", "./*.bin", ...waiting],
    legalComments: "none",
    logLevel: "warning",
  });
  for (const file of start) {
    await rm(join(folder, file));
    await rm(join(folder, `${file}.map`));
  }
  const own = exportsOf(texts[files.indexOf(ENTRY)] ?? "");
  await writeFile(join(folder, ENTRY), `export{${own.join(",")}}from"./${START}";\n`);
};
