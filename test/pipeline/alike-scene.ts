/**
 * Decides: nothing: the pipeline with a semantic cache for tests in plain Node: an index in memory, kept answers
 * in a map, and an upstream that answers chat and embeddings by script.
 */
// Loaded with the first look; the clock that is turned by hand does not wait for that.
import "../../src/pipeline/alike.ts";
import "../../src/pipeline/keep-alike.ts";
import type { LedgerRow } from "../../src/domain/ledger-row.ts";
import type { Reply } from "../../src/pipeline/ask.ts";
import { chat } from "../../src/pipeline/chat.ts";
import { createFlights } from "../../src/platform/flights.ts";
import { SemanticCore } from "../../src/platform/objects/semantic-core.ts";
import { createRecentVectors } from "../../src/platform/semantic-vectors.ts";
import type { Verdict } from "../../src/policy/cache/semantic/trust.ts";
import type { Deps } from "../../src/ports.ts";
import { type Limiter, noLimiter } from "../../src/ports-account.ts";
import type { IndexEntry, IndexFound, SemanticIndex } from "../../src/ports-semantic.ts";
import { askFor, createStage, type Played } from "../support/pipeline.ts";
import { storage, whole } from "./cache-scene.ts";

const price = { input: 1, output: 2 };

const configFor = (semantic: object) => ({
  providers: { p: { kind: "openai", base_url: "https://p.test/v1", api_key: { secret: "K" } } },
  models: {
    a: { provider: "p", upstream: "up-a", price, max_output: 100 },
    vectors: { provider: "p", upstream: "up-vectors", price },
    unpriced: { provider: "p", upstream: "up-vectors" },
  },
  resilience: { max_retries: 0 },
  policy: {
    cache: { mode: "on", semantic: { mode: "on", ...semantic } },
    limits: { mode: "on", rules: [{ unit: "usd", per: "day", max: 1 }] },
  },
});

export type Learnt = {
  readonly id: string;
  readonly doubt: number;
  readonly verdict: Verdict;
};

export type MemoryIndex = SemanticIndex & {
  readonly kept: Map<string, IndexEntry>;
  readonly learnt: Learnt[];
  readonly served: string[];
  /** What the index gives beyond what it should; undefined: it does not answer. */
  twist: (found: readonly IndexFound[]) => readonly IndexFound[] | undefined;
};

export const memoryIndex = (now: () => number): MemoryIndex => {
  const kept = new Map<string, IndexEntry>();
  const learnt: Learnt[] = [];
  const served: string[] = [];
  const core = new SemanticCore((id) => kept.get(id)?.vector);
  const index: MemoryIndex = {
    ...{ kept, learnt, served },
    twist: (found) => found,
    async search(_, partition, vector, limit) {
      const found = index.twist(core.search(partition, vector, now(), limit));
      return found && { found, tally: core.tally };
    },
    insert(_, entry, maxEntries) {
      kept.set(entry.id, entry);
      core.insert(entry, now(), maxEntries);
    },
    used: (_, id) => void served.push(id),
    learn(_, id, doubt, verdict) {
      learnt.push({ id, doubt, verdict });
      core.learn(id, doubt, verdict);
    },
  };
  return index;
};

export const vectorReply = (values: readonly number[]): Played => ({
  body: JSON.stringify({
    object: "list",
    data: [{ object: "embedding", index: 0, embedding: values }],
    model: "up-vectors",
    usage: { prompt_tokens: 5, total_tokens: 5 },
  }),
});

export type AlikeScene = ReturnType<typeof alikeScene>;

/** `says`: the chat model's answers, one after the other; `embeds`: what the embedding model does. */
export const alikeScene = (
  semantic: object,
  says: readonly string[],
  embeds: Played = vectorReply([1, 2]),
  more: Partial<Deps> = {},
) => {
  let chats = 0;
  const stage = createStage(
    configFor(semantic),
    ({ url }) => {
      if (url.endsWith("/embeddings")) return embeds;
      chats += 1;
      return whole(says[chats - 1] ?? "nothing more to say");
    },
    { K: "k" },
  );
  const rows: LedgerRow[] = [];
  const index = memoryIndex(stage.clock.now);
  const vectors = createRecentVectors();
  const limiter: Limiter = { ...noLimiter, end: (_, row) => void rows.push(row) };
  const deps: Deps = {
    ...{ ...stage.deps, limiter, cache: storage(), flights: createFlights(stage.clock) },
    loadSemantic: async () => ({ index: () => index, vectors }),
    ...more,
  };
  let made = 0;
  const asking = (content: string, body: object = {}): Promise<Reply> => {
    made += 1;
    const messages = [{ role: "user", content }];
    const wish = { requestId: `req_${made}` };
    return chat(deps, askFor(stage, { model: "a", temperature: 0, messages, ...body }, wish));
  };
  const ask = async (content: string, body: object = {}): Promise<Reply> => {
    const asked = asking(content, body);
    await stage.clock.advance(10);
    const reply = await asked;
    // What begins when the answer has left.
    await stage.clock.advance(10);
    return reply;
  };
  const paths = () => stage.sent.map(({ url }) => new URL(url).pathname);
  return { ...stage, deps, rows, index, ask, asking, paths };
};
