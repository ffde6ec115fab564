import { afterAll, expect, it } from "vitest";
import { editJson, readJson } from "../../src/base/json-body.ts";
import type { EncodeFor } from "../../src/dialects/dialect.ts";
import { DIALECTS } from "../../src/dialects/index.ts";
import type { DialectName } from "../../src/domain/dialect-name.ts";
import { describeRecorded } from "../support/recorded-data.ts";
import { recordings } from "../support/recordings.ts";
import { createReplays, differences } from "../support/replay.ts";
import { normalRequest } from "../support/request-normal-form.ts";

type Json = Record<string, unknown>;
const EVERYTHING = new Set(["tools", "vision", "json", "code", "audio", "reasoning", "prefill"]);
const REFUSED = { skip: "refused as unsupported, by name" };
const NO_BODY = { skip: "the recording has no request body" };
const REGISTERED = Object.values(DIALECTS);
const replays = createReplays();

const target = (model: string, from: DialectName): EncodeFor => ({
  model,
  capabilities: EVERYTHING,
  maxOutput: 4_096,
  from,
  extensions: new Set(["reasoning", "cache_control"]),
});

describeRecorded("recorded requests", () => {
  afterAll(() => console.log(replays.summary()));

  it.each(REGISTERED.map((dialect) => [dialect.name, dialect] as const))(
    "of %s come back from the canonical form with every field",
    async (name, dialect) => {
      const all = recordings(name);
      const faults = await replays.faultsOf(`${name} → ${name}`, all, ({ request, model }) => {
        if (request === undefined) return NO_BODY;
        const read = dialect.request.decode(request);
        if (!read.ok) return [`refused: ${JSON.stringify(read.error)}`];
        const written = dialect.request.encode(read.value, target(model, name));
        if (!written.ok) return [`not written: ${JSON.stringify(written.error)}`];
        if (written.value.dropped.length > 0) return [`dropped ${written.value.dropped.join()}`];
        return differences(normalRequest(name, written.value.body), normalRequest(name, request));
      });
      expect(faults).toEqual([]);
    },
  );

  const crossings = REGISTERED.flatMap((from) =>
    REGISTERED.filter((to) => to !== from).map((to) => [from, to] as const),
  );
  it.each(crossings.map(([from, to]) => [from.name, to.name, from, to] as const))(
    "of %s are written in %s, or refused as unsupported by name",
    async (...args) => {
      const [, , from, to] = args;
      const name = `${from.name} → ${to.name}`;
      const faults = await replays.faultsOf(name, recordings(from.name), ({ request, model }) => {
        if (request === undefined) return NO_BODY;
        const read = from.request.decode(request);
        if (!read.ok) return [`refused: ${JSON.stringify(read.error)}`];
        const written = to.request.encode(read.value, target(model, from.name));
        if (written.ok) return lost(from.name, request, JSON.stringify(written.value.body));
        const { code, param } = written.error;
        // A result whose call nobody made cannot be told to Gemini, which knows calls by name.
        const orphan = code === "invalid_parameter" && /tool_call_id$/.test(param ?? "");
        const named = code === "unsupported_parameter" && param !== undefined;
        return named || orphan ? REFUSED : [`${code} ${param}`];
      });
      expect(faults).toEqual([]);
    },
  );

  it("pass through with the model exchanged and every other byte kept", async () => {
    const taken = REGISTERED.flatMap((dialect) => recordings(dialect.name).taken);
    const all = { taken, skipped: new Map() };
    const faults = await replays.faultsOf("pass-through", all, ({ request }) => {
      if (request === undefined) return NO_BODY;
      const text = JSON.stringify(request, null, 1);
      const body = readJson(text);
      if (!body.ok) return [`not read: ${JSON.stringify(body.error)}`];
      const edited = editJson(body.value, { model: "another" });
      const model = JSON.stringify(request["model"]);
      const expected =
        model === undefined ? undefined : text.replace(`"model": ${model}`, '"model": "another"');
      if (expected !== undefined) return edited === expected ? [] : ["other bytes changed"];
      return differences(JSON.parse(edited), { ...request, model: "another" });
    });
    expect(faults).toEqual([]);
  });
});

/** Words of the conversation that did not arrive: every text that a person or a tool wrote has to. */
const lost = (from: DialectName, request: Json, written: string): string[] => {
  const turns = (request["messages"] ?? request["contents"] ?? []) as Json[];
  const texts = turns.flatMap((turn) => {
    if (typeof turn["content"] === "string") return [turn["content"]];
    const parts = (turn["content"] ?? turn["parts"] ?? []) as Json[];
    const said = parts.filter((part) => part["thought"] !== true);
    return said.flatMap((part) => (typeof part["text"] === "string" ? [part["text"]] : []));
  });
  return texts
    .filter((text) => !written.includes(inJson(text)) && !written.includes(asObject(text)))
    .map((text) => `${from} text lost: ${text.slice(0, 80)}`);
};

const inJson = (text: string): string => JSON.stringify(text.trim()).slice(1, -1);
/** A tool's result that is JSON may become an object. */
const asObject = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return inJson(text);
  }
};
