/**
 * Decides: what the pipeline may ask of kept answers, and of requests that are under way in this isolate.
 * Never: says where they are kept, or what they mean. A part of ports.ts, which joins it to the others.
 */
import type { Frame } from "./base/sse.ts";
import type { Target } from "./domain/target.ts";

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
  readonly answer:
    | { readonly kind: "whole"; readonly text: string; readonly json: Record<string, unknown> }
    /** The upstream's frames so far; undefined: more than anybody remembers. */
    | { readonly kind: "live"; readonly frames: () => readonly Frame[] | undefined };
};

/**
 * `looking`: the one who goes ahead still looks for a kept answer. `found`: he found one, it is `recent` now.
 * `over`: the answer that is shown is complete. `lost`: nothing more comes.
 */
export type FlightState = "looking" | "asking" | "found" | "over" | "lost";

/** The one of several equal requests that asks. */
export type Lead = {
  /** Whether somebody waits for what this one is given, or has just done so. */
  isFollowed(): boolean;
  asking(): void;
  show(shown: Shown): void;
  /** More of what is shown has come. */
  stir(): void;
  /** Ends it; what was said before holds. */
  end(how: "found" | "over" | "lost"): void;
};

/** One that waits for what the other is given. */
export type Following = {
  state(): FlightState;
  shown(): Shown | undefined;
  /** Resolves when something has changed, and now and then. */
  next(signal: AbortSignal): Promise<void>;
};

/** Equal requests under way at the same time, in this isolate. */
export type Flights = {
  /** Undefined: nobody is under way. */
  join(name: string): Following | undefined;
  lead(name: string): Lead;
};
export const noFlights: Flights = {
  join: () => undefined,
  lead: () => ({
    isFollowed: () => false,
    asking: () => {},
    show: () => {},
    stir: () => {},
    end: () => {},
  }),
};
