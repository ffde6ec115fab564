import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

// A page that names what is no longer there misleads worse than none.
const PROJECT = join(import.meta.dirname, "../..");

const filesIn = (folder: string): string[] =>
  readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1));
const read = (file: string): string => readFileSync(join(PROJECT, file), "utf8");
const lines = (file: string): number => read(file).trimEnd().split("\n").length;

/** What is beside `src`: each measures or proves something by a command of its own. */
const TOOLS = ["bench", "eval", "failover", "storm", "crash"];
const source = ["src", "test", "scripts", ...TOOLS].flatMap(filesIn);
const rooms = [
  ...new Set(filesIn("src").map((file) => file.split("/").slice(0, 2).join("/"))),
  ...["test", ...TOOLS],
];
const readmes = source.filter((file) => file.endsWith("README.md"));
const pages = ["README.md", ...filesIn("docs").filter((file) => file.endsWith(".md"))];

const quoted = (file: string): string[] =>
  [
    ...read(file)
      .replaceAll(/```[\s\S]*?```/g, "")
      .matchAll(/`([^`\s]+)`/g),
  ].map(([, text = ""]) => text);

describe("the pages", () => {
  it.each([...pages, ...readmes])("%s links only to what is there", (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)];
    const dead = links.filter(([, to = ""]) => !existsSync(join(PROJECT, dirname(page), to)));
    expect(dead.map(([, to]) => to)).toEqual([]);
  });

  it.each([...pages, ...readmes])("%s names only files that are there", (page) => {
    const named = quoted(page).filter((text) => /^[a-z\d/-]+\.(?:ts|sql|md)$/.test(text));
    const gone = named.filter(
      (file) => !existsSync(join(PROJECT, file)) && !source.some((one) => one.endsWith(`/${file}`)),
    );
    expect(gone).toEqual([]);
  });

  it("docs/CALLING.md names every header of the gateway's own", () => {
    const headers = filesIn("src").flatMap(
      (file) => read(file).match(/(?<=")x-headgate-[a-z-]+(?=")/g) ?? [],
    );
    const page = read("docs/CALLING.md");
    // Alerts alone have a signature.
    const missing = headers.filter(
      (name) => !page.includes(name) && name !== "x-headgate-signature",
    );
    expect(missing).toEqual([]);
  });

  it("docs/ARCHITECTURE.md has at most 150 lines", () => {
    expect(lines("docs/ARCHITECTURE.md")).toBeLessThanOrEqual(150);
  });
});

describe("the rooms", () => {
  it.each(rooms.filter((room) => !room.endsWith(".ts")))("%s has a README", (room) => {
    expect(existsSync(join(PROJECT, room, "README.md"))).toBe(true);
  });

  it.each(readmes)("%s has at most 20 lines", (readme) => {
    expect(lines(readme)).toBeLessThanOrEqual(20);
  });
});
