/**
 * Decides: what an answer from the cache costs: of requests that are equal, beside the floor that forwards them; and
 * of a look for turns that are alike, by itself.
 * Never: takes an answer for a hit because it is fast: the gateway says what it was.
 */
import { SemanticCore } from "../src/platform/objects/semantic-core.ts";
import { embedLexically, normalised } from "../src/policy/cache/semantic/embed.ts";
import { NEW_TALLY } from "../src/policy/cache/semantic/tally.ts";
import { NEW_TRUST } from "../src/policy/cache/semantic/trust.ts";
import { chanceFrom } from "../test/support/chance.ts";
import { type Ask, type Lab, request } from "./lab.ts";

export const ALIKE_ROWS = [
  {
    title: "semantic look-up among 10,000 entries of 256 numbers, in memory: CPU",
    unit: "ms" as const,
    bar: { atMost: 5 },
  },
  {
    title: "the same among 10,000 built-in vectors of short questions: CPU",
    unit: "ms" as const,
    bar: { atMost: 5 },
  },
];

/** Equal ones are kept and given: deterministic, so that the default policy shares their answers. */
export const HIT: Ask = { model: "whole", temperature: 0 };

/** None of them was ever asked: each is looked for and not found, and what comes is kept. */
export const missing = (round: number): Ask => ({
  ...HIT,
  unlike: { count: 6_000, name: `${Date.now()}-${round}` },
});

/** Fails where the gateway does not answer such a request from the cache. */
export const expectHit = async (lab: Lab): Promise<void> => {
  const [, body = ""] = request(lab.full.url, "full", HIT, lab).split("\r\n\r\n");
  const response = await fetch(`${lab.full.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${lab.key}`, "content-type": "application/json" },
    body,
  });
  await response.text();
  const was = response.headers.get("x-headgate-cache");
  if (was !== "hit") throw new Error(`an equal request was answered with x-headgate-cache: ${was}`);
};

const ENTRIES = 10_000;
const LOOKS = 300;

/** Milliseconds of CPU of one look, after as many that nobody counts. */
const lookMs = (vectorOf: () => Float32Array): number => {
  const vectors = new Map(Array.from({ length: ENTRIES }, (_, at) => [String(at), vectorOf()]));
  const core = new SemanticCore((id) => vectors.get(id));
  const row = { partition: "p", turn: "", expiresAt: 1, usedAt: 0, hits: 0, trust: NEW_TRUST };
  core.restore(
    [...vectors].map(([id, vector]) => ({ ...row, id, vector })),
    NEW_TALLY,
  );
  const asked = Array.from({ length: LOOKS }, vectorOf);
  for (const vector of asked) core.search("p", vector, 0, 3);
  const before = process.cpuUsage();
  for (const vector of asked) core.search("p", vector, 0, 3);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / LOOKS;
};

const VOCABULARY = 3_000;
const WORDS = 9;

/** In the order of the rows. */
export const measureAlike = async (): Promise<readonly number[]> => {
  const random = chanceFrom(1);
  const dense = (): Float32Array =>
    normalised(Float32Array.from({ length: 256 }, () => random() - 0.5));
  const letters = (): string =>
    Array.from({ length: 3 + random() * 6 }, () => String.fromCharCode(97 + random() * 26)).join(
      "",
    );
  const words = Array.from({ length: VOCABULARY }, letters);
  const question = (): string =>
    Array.from({ length: WORDS }, () => words[Math.floor(random() * VOCABULARY)]).join(" ");
  return [lookMs(dense), lookMs(() => embedLexically(question()))];
};
