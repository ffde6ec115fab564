/**
 * Proves: every import rule of the rooms bites. Each probe is a file that breaks one rule; it is written
 * into a copy of the project's lint configuration, and the rule's own message has to come back.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

type Probe = { readonly file: string; readonly source: string; readonly says: string };

const probe = (file: string, source: string, says: string): Probe => ({ file, source, says });
const reaches = (from: string, to: string, says: string): Probe =>
  probe(`src/${from}/to-${to}.ts`, `import "../${to}/thing.ts";\n`, says);

const MANY_LINES = Array.from({ length: 251 }, (_, line) => `export const n${line} = ${line};`);

const BROKEN: readonly Probe[] = [
  reaches("base", "domain", "base (floor 0) imports only base"),
  reaches("domain", "policy", "domain (floor 1) imports only base and domain"),
  reaches("policy", "dialects", "policy (floor 2) imports only base, domain and policy"),
  reaches("dialects", "policy", "dialects (floor 2) import only base, domain and dialects"),
  reaches("dialects", "providers", "dialects (floor 2) import only base, domain and dialects"),
  reaches("providers", "pipeline", "providers (floor 3) import only"),
  reaches("pipeline", "platform", "pipeline (floor 4) reaches the outside through src/ports.ts"),
  reaches("pipeline", "http", "pipeline (floor 4) reaches the outside through src/ports.ts"),
  reaches("platform", "pipeline", "platform (floor 4) implements src/ports.ts"),
  reaches("platform", "http", "platform (floor 4) implements src/ports.ts"),
  reaches("http", "console", "http (floor 5) does not import console, cli or index.ts"),
  reaches("console", "http", "console talks to the admin API over HTTP"),
  reaches("cli", "pipeline", "cli talks to the admin API over HTTP"),
  probe("src/ports.ts", 'import "./pipeline/thing.ts";\n', "ports.ts is the wall"),
  probe("src/providers/port.ts", 'import "../ports.ts";\n', "providers (floor 3) import only"),
  probe("src/domain/a/deep.ts", 'import "../../http/thing.ts";\n', "domain (floor 1)"),
  probe("src/pipeline/door.ts", 'import "../index.ts";\n', "pipeline (floor 4)"),
  probe("src/base/only-type.ts", 'import type { T } from "../domain/t.ts";\n', "base (floor 0)"),
  probe("src/pipeline/cf.ts", 'import "cloudflare:workers";\n', "Only platform and index.ts know"),
  probe("src/http/cf.ts", 'import "cloudflare:workers";\n', "Only platform and index.ts know"),
  probe("src/pipeline/hono.ts", 'import "hono";\n', "Only http knows Hono"),
  probe("src/platform/hono.ts", 'import "hono/cors";\n', "Only http knows Hono"),
  probe("src/base/node.ts", 'import "node:buffer";\n', "The gateway runs in Workers"),
  probe("src/base/node-deep.ts", 'import "node:fs/promises";\n', "The gateway runs in Workers"),
  probe("src/domain/z.ts", 'import { z } from "zod";\nz.string();\n', "triples the bundle"),
  probe("src/base/a.ts", 'import "./b.ts";\n', "part of a cycle"),
  probe(
    "src/base/b.ts",
    'import type { A } from "./a.ts";\nexport type B = A;\n',
    "part of a cycle",
  ),
  probe("src/policy/now.ts", "export const n = () => Date.now();\n", "This room reads no clock"),
  probe("src/base/date.ts", "export const n = () => new Date();\n", "This room reads no clock"),
  probe("src/base/r.ts", "export const n = () => Math.random();\n", "This room draws no chance"),
  probe("src/base/u.ts", "export const n = () => crypto.randomUUID();\n", "This room draws no"),
  probe(
    "src/dialects/v.ts",
    "export const n = (b: Uint8Array) => crypto.getRandomValues(b);\n",
    "This room draws no chance",
  ),
  probe("src/pipeline/s.ts", "export const n = AbortSignal.timeout(1);\n", "This room starts no"),
  probe(
    "src/pipeline/f.ts",
    'export const n = () => fetch("x:");\n',
    "Do not use the global variable fetch",
  ),
  probe("src/providers/t.ts", "setTimeout(() => {}, 1);\n", "Do not use the global variable set"),
  probe("src/domain/i.ts", "setInterval(() => {}, 1);\n", "Do not use the global variable set"),
  probe(
    "src/domain/g.ts",
    'globalThis.fetch("x:");\n',
    "Do not use the global variable globalThis",
  ),
  probe("src/policy/perf.ts", "performance.now();\n", "Do not use the global variable perf"),
  probe("src/policy/wait.ts", "scheduler.wait(1);\n", "Do not use the global variable scheduler"),
  probe("src/base/caches.ts", "caches.default;\n", "Do not use the global variable caches"),
  probe("src/domain/process.ts", "process.env;\n", "Do not use the global variable process"),
  probe("src/dialects/nav.ts", "navigator.userAgent;\n", "Do not use the global variable nav"),
  probe("src/policy/log.ts", 'console.log("x");\n', "Do not use the global variable console"),
  probe("src/http/default.ts", "const x = 1;\nexport default x;\n", "Avoid default exports"),
  probe("src/http/bang.ts", "export const f = (a?: string) => a!.length;\n", "non-null assertion"),
  probe("src/http/any.ts", "export const f = (a: any) => a;\n", "Unexpected any"),
  probe("src/http/ignored.ts", "// @ts-ignore\nexport const f = 1;\n", "ts-ignore"),
  probe(
    "src/http/barrel.ts",
    'export { a } from "./any.ts";\nexport { b } from "./b.ts";\n',
    "barrel",
  ),
  probe("src/http/all.ts", 'export * from "./any.ts";\n', "Do not use export all"),
  probe("src/http/CamelCase.ts", "export const f = 1;\n", "kebab-case"),
  probe("src/http/enum.ts", "export enum E {\n  A,\n}\n", "enum"),
  probe("src/http/bare.ts", 'import "./any";\n', "extension"),
  probe(
    "src/http/foreign.ts",
    'import pad from "left-pad";\nexport const f = pad;\n',
    "isn't specified in package.json",
  ),
  probe(
    "src/http/held.ts",
    "export class C {\n  constructor(readonly a: string) {}\n}\n",
    "parameter propert",
  ),
  probe("src/http/unused.ts", "const unused = 1;\nexport const f = 1;\n", "unused"),
  probe("src/http/long.ts", `${MANY_LINES.join("\n")}\n`, "Maximum allowed is 250"),
  probe("test/base/name.test.ts", 'it("should work", () => {});\n', "states a fact"),
  probe("test/base/only.test.ts", 'it.only("works", () => {});\n', "focus"),
];

const ALLOWED: readonly Probe[] = [
  ["base/ok.ts", 'import "./thing.ts";\nexport const at = (now: number) => new Date(now);\n'],
  ["policy/ok.ts", 'import "../base/thing.ts";\nimport "../domain/thing.ts";\n'],
  ["pipeline/ok.ts", 'import "../ports.ts";\nimport "../providers/thing.ts";\n'],
  ["platform/ok.ts", 'import "cloudflare:workers";\nimport "../ports.ts";\nDate.now();\n'],
  ["http/ok.ts", 'import "../pipeline/thing.ts";\nimport "../platform/thing.ts";\n'],
  ["index.ts", 'import "./http/thing.ts";\nimport "./platform/thing.ts";\n'],
].map(([file, source]) => probe(`src/${file}`, source ?? "", ""));

let root = "";
const said = new Map<string, string[]>();

type Report = {
  diagnostics: { message: string; category: string; location: { path: string } }[];
};

const lint = (cwd: string): Promise<Report> =>
  new Promise((resolve) => {
    const biome = join(process.cwd(), "node_modules/.bin/biome");
    const limits = { cwd, maxBuffer: 64 * 1024 * 1024 };
    const args = ["lint", "--reporter=json", "--max-diagnostics=none", "."];
    execFile(biome, args, limits, (_failed, stdout) => resolve(JSON.parse(stdout) as Report));
  });

const thing = (room: string): Probe => probe(`src/${room}/thing.ts`, "export const x = 1;\n", "");

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "headgate-rules-"));
  const config = JSON.parse(await readFile("biome.json", "utf8"));
  await writeFile(join(root, "biome.json"), JSON.stringify({ ...config, vcs: {} }));
  await cp("scripts/lint", join(root, "scripts/lint"), { recursive: true });
  await cp("package.json", join(root, "package.json"));
  const rooms = "base domain policy dialects providers pipeline platform http console cli".split(
    " ",
  );
  for (const { file, source } of [...BROKEN, ...ALLOWED, ...rooms.map(thing)]) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), source);
  }
  const report = await lint(root);
  for (const { message, location } of report.diagnostics) {
    said.set(location.path, [...(said.get(location.path) ?? []), message]);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe("import rules", () => {
  for (const { file, source, says } of BROKEN) {
    it(`${file} is refused: ${source.split("\n")[0]}`, () => {
      expect((said.get(file) ?? []).join("\n")).toContain(says);
    });
  }
  for (const { file } of ALLOWED) {
    it(`${file} stays on its floor and is accepted`, () => {
      expect(said.get(file) ?? []).toEqual([]);
    });
  }
});
