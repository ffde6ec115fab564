/**
 * Decides: what the pipeline may ask of kept answers, and of equal requests that are under way.
 * Never: says where they are kept, or what they mean. A part of ports.ts, which joins it to the others.
 */
import type { Frame } from "./base/sse.ts";
import type { Target } from "./domain/target.ts";
import type { Caller } from "./domain/tenant.ts";
import type { FlightHead } from "./policy/cache/flight-log.ts";

/** Answers that were given before, as texts under names. Forgets when it likes; nothing of it throws. */
export type ResponseCache = {
  /** The name under which a tenant's text is kept: nobody finds out by trying what was asked. */
  name(tenant: string, keyText: string): Promise<string>;
  /** What this isolate has kept or read in the last moments. Never waits. */
  recent(tenant: string, name: string): string | undefined;
  /** What lies there; undefined also where it takes too long, was changed, or belongs to another place. */
  read(tenant: string, name: string): Promise<string | undefined>;
  /** There at once for this isolate, a moment later for others. `seconds`: how long it is of any use. */
  write(tenant: string, name: string, text: string, seconds: number): void;
};
export const noCache: ResponseCache = {
  name: async () => "",
  recent: () => undefined,
  read: async () => undefined,
  write: () => {},
};

/** An answer of which at least the beginning is there. Plain data: whoever asked for it may be gone. */
export type Shown = {
  readonly target: Target;
  /** It leaves as it comes. */
  readonly passes: boolean;
  readonly dropped: readonly string[];
  /** It goes on from what was said before, which it was given to go on from or says again; undefined: from nothing. */
  readonly splice?: "prefill" | "verify" | undefined;
  readonly answer:
    | { readonly kind: "whole"; readonly text: string; readonly json: Record<string, unknown> }
    /** The upstream's frames so far; undefined: more than anybody remembers. */
    | { readonly kind: "live"; readonly frames: () => readonly Frame[] | undefined };
};

/**
 * `looking`: the one who goes ahead still looks for a kept answer. `found`: he found one, it is `recent` now.
 * `keeping`: he has his answer, and whether it is kept for those who come later is not known yet. `over`: the
 * answer that is shown is complete. `lost`: nothing more comes.
 */
export type FlightState = "looking" | "asking" | "keeping" | "found" | "over" | "lost";

/** A request as those who follow it from elsewhere know it: whose it is, its id, and the name they share. */
export type Flier = {
  readonly place: Pick<Caller, "tenant" | "locationHint">;
  readonly id: string;
  readonly name: string;
};

/** The one of several equal requests that asks. */
export type Lead = {
  /** Whether somebody waits for what this one is given, or has just done so. */
  isFollowed(): boolean;
  /** The organisation's account knows that it goes ahead: others may follow from elsewhere. */
  announced(flier: Flier): void;
  asking(): void;
  show(shown: Shown): void;
  /** More of what is shown has come. */
  stir(): void;
  /** The answer is there: who comes from now on is given what is kept of it, if anything. */
  keeping(): void;
  /** Ends it; what was said before holds. */
  end(how: "found" | "over" | "lost"): void;
};

/** One that waits for what the other is given. */
export type Following = {
  /** The id of the one ahead, where it is known elsewhere, too. */
  ahead(): string | undefined;
  state(): FlightState;
  shown(): Shown | undefined;
  /** Resolves when something has changed, and now and then. */
  next(signal: AbortSignal): Promise<void>;
};

/** The target of one's own configuration that is meant; undefined: there is none, or it speaks otherwise. */
export type TargetOf = (head: FlightHead) => Target | undefined;

/** Equal requests under way at the same time. */
export type Flights = {
  /** One of this isolate; undefined: nobody is under way. */
  join(name: string): Following | undefined;
  lead(name: string): Lead;
  /** The one under way in another isolate whose id is `ahead`. */
  joinElsewhere(flier: Flier, ahead: string, targetOf: TargetOf): Promise<Following>;
  /** Who goes ahead now that `without` is lost: the id of another, or one's own. Undefined: nobody can tell. */
  meet(flier: Flier, without: string | undefined): Promise<string | undefined>;
};
export const noFlights: Flights = {
  join: () => undefined,
  lead: () => ({
    isFollowed: () => false,
    announced: () => {},
    asking: () => {},
    show: () => {},
    stir: () => {},
    keeping: () => {},
    end: () => {},
  }),
  joinElsewhere: async () => ({
    ahead: () => undefined,
    state: () => "lost",
    shown: () => undefined,
    next: async () => {},
  }),
  meet: async () => undefined,
};
