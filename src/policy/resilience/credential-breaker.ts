/**
 * Decides: whether one of a provider's keys is worth using: refused (401, 403, out of credit) it rests, then
 * one call tries it again.
 * Never: knows the key; only how often in a row it was refused.
 */
import type { Random } from "../../base/clock.ts";

/** A key is repaired by a person; whoever has just done so wants to see it used within minutes. */
const FIRST_MS = 60_000;
const LONGEST_MS = 300_000;
/** While one call tries a key again, the others keep to the next one. */
const TRIAL_MS = 30_000;

export type CredentialState = {
  /** Refusals since it last worked. */
  readonly refusals: number;
  /** Milliseconds since the epoch until which it rests, or is being tried. */
  readonly until: number;
  readonly onTrial: boolean;
};

export type CredentialEvent =
  | { readonly type: "ask" }
  | { readonly type: "refused" }
  | { readonly type: "accepted" };

/** `output`: whether the key may be used now. */
export type CredentialStep = { readonly state: CredentialState; readonly output: boolean };

export const newCredential: CredentialState = { refusals: 0, until: 0, onTrial: false };

export const credentialStep = (
  state: CredentialState,
  event: CredentialEvent,
  now: number,
  random: Random,
): CredentialStep => {
  switch (event.type) {
    case "ask":
      if (state.refusals === 0) return { state, output: true };
      if (now < state.until) return { state, output: false };
      return { state: { ...state, until: now + TRIAL_MS, onTrial: true }, output: true };
    case "refused": {
      // Calls that were under way together are refused together: that is one refusal.
      if (now < state.until && !state.onTrial) return { state, output: false };
      const refusals = state.refusals + 1;
      const rest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (refusals - 1)) * (0.8 + 0.4 * random());
      return { state: { refusals, until: now + rest, onTrial: false }, output: false };
    }
    case "accepted":
      return { state: newCredential, output: true };
  }
};
