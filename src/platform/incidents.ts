/**
 * Decides: how it is put on record that whoever counts did not answer, Redis or an organisation's object, and what
 * the gateway did instead; or that a provider would have led it elsewhere.
 * Never: says it more than once a minute for one kind of thing.
 */
import { createAuditNotes, type NoteParts } from "./audit-notes.ts";

export type Incidents = {
  /** `action`: what the gateway did; `target`: for what, and why. The row bears the gateway's own name as its actor. */
  note(
    action: "shield.open" | "limits.closed" | "limits.open_local" | "upstream.redirect",
    target: string,
  ): void;
};

export const createIncidents = (parts: NoteParts): Incidents => {
  const write = createAuditNotes(parts);
  return {
    note: (action, target) =>
      write(action, { actor: "gateway", action, target, requestId: undefined }),
  };
};
