import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DialectName } from "../../src/domain/dialect-name.ts";
import { SemanticCore } from "../../src/platform/objects/semantic-core.ts";
import { exactKeyText, type KeyOf } from "../../src/policy/cache/key.ts";
import { askedOf } from "../../src/policy/cache/semantic/partition.ts";
import { keyOf, NOW } from "../policy/cache/stage.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Body = { readonly [name: string]: Json };
type Path = readonly (string | number)[];

const anyText = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text.trim() !== "");
const anyShare = fc.double({ min: 0, max: 1, noNaN: true });
const anyTool = (name: string, description: string): Json => ({
  type: "function",
  function: {
    name,
    description,
    parameters: { type: "object", properties: { b: { type: "string" }, a: { type: "number" } } },
  },
});

/** A request of each dialect in which everything is filled in; the words of its last user turn stand apart. */
const anyRequest: fc.Arbitrary<{ dialect: DialectName; body: Body; said: Path }> = fc
  .tuple(anyText, anyText, anyText, anyText, anyShare, anyShare, fc.nat(9_999))
  .chain(([system, before, answer, name, temperature, topP, whole]) =>
    fc.constantFrom<{ dialect: DialectName; body: Body; said: Path }>(
      {
        dialect: "openai-chat",
        said: ["messages", 3, "content", 0, "text"],
        body: {
          messages: [
            { role: "system", content: system },
            { role: "user", content: before, name },
            { role: "assistant", content: answer },
            {
              role: "user",
              content: [
                { type: "text", text: "" },
                { type: "image_url", image_url: { url: `https://x.example/${whole}` } },
              ],
            },
          ],
          tools: [anyTool(name, before)],
          tool_choice: "auto",
          response_format: { type: "json_schema", json_schema: { name, strict: true } },
          stop: [answer],
          logit_bias: { "50256": whole },
          ...{ temperature, top_p: topP, max_tokens: whole, seed: whole, unheard_of: true },
        },
      },
      {
        dialect: "anthropic-messages",
        said: ["messages", 2, "content", 0, "text"],
        body: {
          system: [{ type: "text", text: system }],
          messages: [
            { role: "user", content: before },
            { role: "assistant", content: [{ type: "text", text: answer }] },
            { role: "user", content: [{ type: "text", text: "" }] },
          ],
          tools: [{ name, description: before, input_schema: { type: "object" } }],
          thinking: { type: "enabled", budget_tokens: whole },
          stop_sequences: [answer],
          ...{ temperature, top_p: topP, top_k: whole, max_tokens: whole, unheard_of: true },
        },
      },
      {
        dialect: "gemini",
        said: ["contents", 2, "parts", 0, "text"],
        body: {
          systemInstruction: { parts: [{ text: system }] },
          contents: [
            { role: "user", parts: [{ text: before }] },
            { role: "model", parts: [{ text: answer }] },
            { role: "user", parts: [{ text: "" }] },
          ],
          tools: [{ functionDeclarations: [{ name, description: before }] }],
          generationConfig: { temperature, topP, maxOutputTokens: whole, stopSequences: [answer] },
          safetySettings: [{ category: name, threshold: "BLOCK_NONE" }],
        },
      },
    ),
  );

const changedAt = (value: Json, [step, ...rest]: Path, change: (old: Json) => Json): Json => {
  if (step === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.map((one, at) => (at === step ? changedAt(one, rest, change) : one));
  }
  const entries = Object.entries(value as Body);
  return Object.fromEntries(
    entries.map(([name, one]) => [name, name === step ? changedAt(one, rest, change) : one]),
  );
};

const leavesOf = (value: Json, path: Path = []): readonly Path[] => {
  if (typeof value !== "object" || value === null) return [path];
  if (Array.isArray(value)) return value.flatMap((one, at) => leavesOf(one, [...path, at]));
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...path, name]));
};

const other = (old: Json): Json => {
  if (typeof old === "number") return old + 1;
  if (typeof old === "boolean") return !old;
  return `${String(old)}x`;
};

const HEADS: readonly Partial<KeyOf>[] = [
  { scope: "other" },
  { model: "other" },
  { meaning: "other" },
  { endpoint: "messages" },
  { headers: { "anthropic-beta": "other" } },
  { headers: { "openai-beta": "other" } },
];

/** Whether an answer that was kept for the one is found for the other, in the exact cache or by likeness. */
const meet = (
  kept: KeyOf,
  asked: KeyOf,
  embedders: readonly [string, string] = ["lexical", "lexical"],
): boolean => {
  const vector = Float32Array.of(1, 0);
  const core = new SemanticCore(() => vector);
  const [mine, theirs] = [askedOf(kept, embedders[0]), askedOf(asked, embedders[1])];
  if (mine === undefined || theirs === undefined) throw new Error("a turn was not found");
  const { partition, turn } = mine;
  core.insert({ id: "1", partition, turn, vector, expiresAt: NOW + 1 }, NOW, 9);
  const isFound = core.search(theirs.partition, vector, NOW, 9).length > 0;
  return isFound || exactKeyText(kept) === exactKeyText(asked);
};

describe("F82: the law of what is shared", () => {
  it("requests that differ in anything but the last user turn never meet, whatever that turn says", () => {
    fc.assert(
      fc.property(anyRequest, fc.nat(), anyText, anyText, (request, pick, one, two) => {
        const { dialect, said } = request;
        const isSaid = (path: Path): boolean => JSON.stringify(path) === JSON.stringify(said);
        const leaves = leavesOf(request.body).filter((path) => !isSaid(path));
        // Another role or kind of part may leave no turn to compare; then nothing is looked up at all.
        const inLast = (path: Path): boolean => path[0] === said[0] && path[1] === said[1];
        const places = leaves.filter(
          (path) => !(inLast(path) && (path.at(-1) === "role" || path.at(-1) === "type")),
        );
        const place = places[pick % places.length] ?? [];
        const says = (body: Json, text: string): Body => changedAt(body, said, () => text) as Body;
        const kept = keyOf({ dialect, body: says(request.body, one) });
        const changed = changedAt(request.body, place, other);
        for (const text of [one, two]) {
          expect(meet(kept, keyOf({ dialect, body: says(changed, text) }))).toBe(false);
          expect(meet(kept, keyOf({ dialect, body: says({ ...request.body, x: 1 }, text) }))).toBe(
            false,
          );
          for (const head of HEADS) {
            const body = says(request.body, text);
            expect(meet(kept, keyOf({ dialect, body, ...head }))).toBe(false);
          }
        }
        // And they do meet where nothing else differs: the law is not true of everything.
        expect(meet(kept, keyOf({ dialect, body: says(request.body, two) }))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("nor do those whose turns were embedded by different models, unless they are equal", () => {
    const [kept, asked] = ["Hi", "Hello there"].map((content) =>
      keyOf({ body: { messages: [{ role: "user", content }] } }),
    );
    if (kept === undefined || asked === undefined) return;
    expect(meet(kept, asked, ["lexical", "embed-3"])).toBe(false);
    expect(meet(kept, asked)).toBe(true);
  });
});
