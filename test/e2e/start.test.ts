import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  copyProject,
  freePort,
  npmStart,
  portIsFree,
  removeProject,
  type Started,
} from "../support/started-project.ts";

let folder: string;
let port: number;
let started: Started;

const start = (at: number | string = port): Promise<Started> =>
  npmStart(folder, ["--port", String(at), "--persist-to", join(folder, "state")]);

beforeAll(async () => {
  folder = await copyProject();
  port = await freePort();
  started = await start();
}, 120_000);
afterAll(async () => {
  await started?.stop();
  await removeProject(folder);
});

const client = (): OpenAI =>
  new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: started.said("API key") });

describe("npm start in a fresh copy", () => {
  it("prints the address, a key and where the admin token is", () => {
    expect(started.said("URL")).toContain(`127.0.0.1:${port}`);
    expect(started.said("API key")).toMatch(/^hg_\S+$/);
    expect(started.said("Admin token")).toContain(".dev.vars");
    expect(existsSync(join(folder, ".dev.vars"))).toBe(true);
  });

  it("prints a curl line that gets an answer when it is pasted", async () => {
    const { stdout } = await promisify(execFile)("bash", ["-c", started.curl]);
    expect(stdout).toMatch(/"(content|delta)"/);
    expect(stdout).not.toContain('"error"');
  });

  it("serves the demo model to the openai client, whole and streamed, at no cost", async () => {
    const messages = [{ role: "user" as const, content: "Hello" }];
    const { data, response } = await client()
      .chat.completions.create({ model: "demo", messages })
      .withResponse();
    const text = data.choices[0]?.message.content ?? "";
    expect(text.length).toBeGreaterThan(0);
    expect(Number(response.headers.get("x-headgate-cost-usd"))).toBe(0);
    const stream = await client().chat.completions.create({
      model: "demo",
      messages,
      stream: true,
    });
    const pieces = (await Array.fromAsync(stream)).map(
      (chunk) => chunk.choices[0]?.delta.content ?? "",
    );
    expect(pieces.join("")).toBe(text);
  });

  it("serves demo-embedding", async () => {
    const { data } = await client().embeddings.create({ model: "demo-embedding", input: "Hello" });
    expect(data[0]?.embedding.length).toBeGreaterThan(0);
  });

  it("prints the same key after a restart, and the key works", async () => {
    const before = started.said("API key");
    await started.stop();
    started = await start();
    expect(started.said("API key")).toBe(before);
    const { data } = await client().models.list();
    expect(data.map(({ id }) => id)).toContain("demo");
  }, 120_000);

  it("listens on a free port of its own choice where it is told 0, and prints it", async () => {
    await started.stop();
    started = await start(0);
    port = Number(new URL(started.said("URL")).port);
    const { data } = await client().models.list();
    expect(data.map(({ id }) => id)).toContain("demo");
  }, 120_000);

  it.each(["nine", "70000", "-1", "80.5"])("says what a port is when it is told %s", async (at) => {
    await expect(start(at)).rejects.toThrow(/A port is a number from 1 to 65535/);
  });

  it("says who has the port, or that nobody here can have it", async () => {
    await expect(start(port)).rejects.toThrow(`Port ${port} is in use.`);
    // An address that no machine has.
    const elsewhere = ["--port", String(port), "--ip", "203.0.113.7"];
    await expect(npmStart(folder, elsewhere)).rejects.toThrow(/EADDRNOTAVAIL/);
  });

  // It asked in plain HTTP for ever, and never printed anything.
  it("serves HTTPS where it is told to, with a curl line that takes the certificate as it is", async () => {
    const state = ["--persist-to", join(folder, "state")];
    const encrypted = await npmStart(folder, [
      "--port",
      "0",
      ...state,
      "--local-protocol",
      "https",
    ]);
    const { stdout } = await promisify(execFile)("bash", ["-c", encrypted.curl]);
    await encrypted.stop();
    expect(encrypted.said("URL")).toMatch(/^https:/);
    expect(stdout).toMatch(/"(content|delta)"/);
  }, 60_000);

  it.each(["--help", "-h", "--version"])(
    "tells its arguments for %s, and starts nothing",
    async (flag) => {
      await expect(npmStart(folder, [flag])).rejects.toThrow(
        /Headgate \d+\.\d+\.\d+: npm start -- /,
      );
    },
  );

  // It printed a key, and every request by it was 500; without a comma it printed nothing and went on for ever.
  it.each([
    ["{", "headgate.config.json is not JSON: "],
    ['{"providers": {}, "models": {"a": {"provider": "b"}}, "mode": 1}', "  mode: unknown field"],
    ['{"providers": {}, "models": {"a": {"provider": "b"}}}', "  models.a.provider: "],
  ])("does not start with the configuration %s, and says why", async (document, why) => {
    const file = join(folder, "headgate.config.json");
    const good = await readFile(file);
    await writeFile(file, document);
    await expect(start(0)).rejects.toThrow(why);
    await writeFile(file, good);
  });

  // The shell between npm and the script lived on, and so did everything below it.
  it("leaves nothing behind when npm is killed", async () => {
    started.kill();
    await expect.poll(() => portIsFree(port), { timeout: 20_000, interval: 200 }).toBe(true);
  }, 30_000);
});
