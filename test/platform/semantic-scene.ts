/**
 * Decides: nothing: an index of turns on the real object and a local Vectorize, for the tests of both kinds.
 */
import { env } from "cloudflare:workers";
import { Secret } from "../../src/base/secret.ts";
import { createClock } from "../../src/platform/clock.ts";
import { createSemantic } from "../../src/platform/semantic.ts";
import { embedLexically } from "../../src/policy/cache/semantic/embed.ts";
import type { IndexEntry, IndexPlace, SemanticIndex } from "../../src/ports-semantic.ts";
import { createLocalVectorize, type LocalVectorize } from "../support/vectorize.ts";

export const MASTER = new Secret("a-master-key-of-some-length");
export const HOUR = 3_600_000;
export const digest = (text: string): string => text.padEnd(64, "0").slice(0, 64);

export type Scene = {
  readonly kind: "object" | "vectorize";
  readonly index: SemanticIndex;
  readonly vectorize: LocalVectorize;
  /** Waits for what was left to the background; `seen`: until Vectorize shows it as well. */
  readonly idle: (seen?: boolean) => Promise<void>;
};

let scenes = 0;

export const scene = (kind: Scene["kind"], indexes?: readonly string[]): Scene => {
  const works: Promise<unknown>[] = [];
  const vectorize = createLocalVectorize(512, indexes);
  const semantic = createSemantic({
    namespace: env.SEMANTIC,
    vectors: vectorize,
    masterKey: MASTER,
    clock: createClock(),
    background: (work) => void works.push(work),
  });
  const index = semantic.index(kind);
  if (index === undefined) throw new Error("there is no such index");
  const idle = async (seen = true): Promise<void> => {
    while (works.length > 0) await works.pop();
    if (seen) vectorize.settle();
  };
  return { kind, index, vectorize, idle };
};

const placeOf = (scope: string, tenant = "tenant00"): IndexPlace => ({
  tenant,
  scope: digest(scope),
  locationHint: undefined,
});

export const freshPlace = (tenant = "tenant00"): IndexPlace => {
  scenes += 1;
  return placeOf(`s${scenes}-${crypto.randomUUID().replaceAll("-", "")}`, tenant);
};

export const entryOf = (turn: string, more: Partial<IndexEntry> = {}): IndexEntry => ({
  id: digest(`${crypto.randomUUID().replaceAll("-", "")}`),
  partition: digest("p"),
  turn,
  vector: embedLexically(turn),
  expiresAt: Date.now() + HOUR,
  ...more,
});

export const stubOf = (kind: Scene["kind"], { tenant, scope }: IndexPlace) =>
  env.SEMANTIC.getByName(`${tenant}/${kind}/${scope}`);

export const turnsIn = async (
  { index }: Scene,
  place: IndexPlace,
  turn: string,
  partition = digest("p"),
): Promise<readonly string[] | undefined> => {
  const sought = await index.search(place, partition, embedLexically(turn), 3);
  return sought?.found.map((one) => one.turn);
};
