/**
 * Decides: how the use of a valid key on the other plane is put on record (faults.md F65).
 * Never: says it more than once a minute for one key.
 */
import { createAuditNotes, type NoteParts } from "./audit-notes.ts";

export type Trespass = {
  /** `actor`: the key's id, or `root`. */
  note(actor: string, path: string, requestId: string): void;
};

export const createTrespass = (parts: NoteParts): Trespass => {
  const write = createAuditNotes(parts);
  return {
    note: (actor, path, requestId) =>
      write(actor, { actor, action: "access.refused", target: path, requestId }),
  };
};
