/**
 * Decides: what the oracle of the account's laws keeps of a request.
 * Never: counts.
 */
import type { LimitRule } from "../../src/domain/limit.ts";
import type { Charge } from "../../src/policy/limits/book.ts";

/** One limit's part of a request: held, later charged. */
export type Part = {
  readonly rule: LimitRule;
  readonly window: string;
  readonly model: string | undefined;
  amount: number;
};

export type Entry = {
  state: "held" | "ended" | "guessed";
  parts: Part[];
  floor: Charge;
  /** The names of its extensions. */
  readonly extended: Set<string>;
  seen: Charge;
  /** What was seen at each target. */
  asked: Record<string, Charge>;
  model: string;
  expiresAt: number;
  slotUntil: number | undefined;
  told: boolean;
};

export const NOTHING: Charge = { tokens: 0, nanoUsd: 0 };

export const newEntry = (
  more: Omit<Entry, "state" | "extended" | "seen" | "asked" | "told">,
): Entry => ({
  ...more,
  state: "held",
  extended: new Set(),
  seen: NOTHING,
  asked: {},
  told: false,
});

export const isSlot = ({ rule }: Part): boolean => rule.unit === "concurrent";

/** A turn that a request has grows with it: it does not stand in the queue behind itself. */
export const turnOf = (
  { parts }: Entry,
  { id, kind }: LimitRule,
  model: string | undefined,
): Part | undefined =>
  kind === "leaky" ? parts.find((part) => part.rule.id === id && part.model === model) : undefined;
