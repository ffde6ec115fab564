/**
 * Decides: how large a request can be, as far as somebody asks: bounds of its input, an estimate of it.
 * Never: reads anything before it is asked, or the same thing twice.
 */
import type { JsonBody } from "../../base/json-body.ts";
import { lazily } from "../../base/lazily.ts";
import type { Result } from "../../base/result.ts";
import type { ChatRequest } from "../../domain/chat.ts";
import type { DialectName } from "../../domain/dialect-name.ts";
import type { Endpoint } from "../../domain/endpoint.ts";
import type { Target } from "../../domain/target.ts";
import type { Reading } from "../routing/request/reading.ts";
import { type Family, familyOf } from "../tokens/families.ts";
import { boundRound, upperBoundInput } from "../tokens/upper-bound.ts";
import { type OutputAsked, outputAsked } from "./output-asked.ts";
import { plainMessages } from "./plain-body.ts";

export type Sized = {
  readonly endpoint: Endpoint;
  readonly dialect: DialectName;
  readonly body: JsonBody;
  readonly reading: Reading;
  /** Asked for where a body holds more than texts. */
  readonly canonical: () => Result<ChatRequest, unknown>;
};

/** The most that a target can charge for. */
export type InputBound = {
  /** Whole tokens. */
  readonly tokens: number;
  readonly images: number;
  /** Text without cache marks. */
  readonly plain: boolean;
};

export type Sizes = Pick<Sized, "endpoint" | "dialect"> & {
  readonly body: Record<string, unknown>;
  readonly output: () => OutputAsked;
  /** Whole tokens of input, about, from a sample; linear in the body's structure alone. */
  readonly estimate: () => number;
  /** Tokens that ordinary writing surely does not exceed, without a look at the texts. */
  readonly most: () => number;
  /** From the number of the body's bytes; undefined where it holds more than texts. */
  readonly looseBound: (target: Target) => InputBound | undefined;
  /** Part by part; undefined where one of them has no known bound. */
  readonly tightBound: (target: Target) => InputBound | undefined;
};

const utf8 = new TextEncoder();

/** The built-in provider counts words and nothing else; a word takes two characters, but for the last. */
const wordsOf = ({ reading }: Sized): number =>
  reading
    .gist()
    .turns.flatMap(({ texts }) => texts)
    .reduce((sum, text) => sum + Math.ceil(text.length / 2), 0);

/** Numbers in an embeddings input are token ids: a token each. */
const idsIn = (input: unknown): number => {
  if (typeof input === "number") return 1;
  return Array.isArray(input) ? input.reduce((sum: number, one) => sum + idsIn(one), 0) : 0;
};

export const sizesOf = (sized: Sized): Sizes => {
  const { endpoint, dialect, body, reading, canonical } = sized;
  const embeds = endpoint === "embeddings";
  const bytes = lazily(() => utf8.encode(body.text).length);
  const ids = lazily(() => (embeds ? idsIn(body.value["input"]) : 0));
  const words = lazily(() => wordsOf(sized) + ids());
  const messages = lazily(() => (embeds ? undefined : plainMessages(dialect, body.value)));
  const tight = new Map<Family, number | undefined>();

  const readClosely = (family: Family): number | undefined => {
    if (tight.has(family)) return tight.get(family);
    const request = canonical();
    const bound = request.ok ? upperBoundInput(request.value, family) : undefined;
    tight.set(family, bound);
    return bound;
  };
  const isPlain = (): boolean => embeds || messages() !== undefined;
  const bounded = (tokens: number | undefined): InputBound | undefined => {
    const plain = isPlain();
    if (tokens === undefined) return undefined;
    return { tokens, plain, images: plain ? 0 : reading.gist().images };
  };

  return {
    endpoint,
    dialect,
    body: body.value,
    output: lazily(() => outputAsked(dialect, body.value)),
    estimate: lazily(() => reading.needs().inputTokens() + ids()),
    most: () => reading.needs().mostInput,
    looseBound: (target) => {
      const count = messages();
      if (count === undefined) return undefined;
      if (target.kind === "demo") return bounded(words());
      const round = boundRound(count, familyOf(target.kind, target.upstream));
      // JSON writes a text in at least as many bytes as it has.
      return bounded(round === undefined ? undefined : round + bytes());
    },
    tightBound: (target) => {
      if (target.kind === "demo") return bounded(words());
      // No canonical form; marks and names round the texts are more than any model adds to them.
      if (embeds) return bounded(bytes());
      return bounded(readClosely(familyOf(target.kind, target.upstream)));
    },
  };
};
