/**
 * Decides: what the ledger says of a block that was charged as if it had been used, once a request that was
 * admitted out of it is known: so much less, for the request will be charged itself.
 * Never: finds a block that nobody has drawn from just now.
 */
import type { Draft } from "../../policy/limits/book.ts";
import { expiredRow } from "../../policy/limits/expired-row.ts";
import { chargedFor } from "../../policy/limits/lease.ts";
import type { Facts } from "./organisation-account.ts";
import type { DrawnFrom } from "./organisation-calls.ts";
import type { Ledger } from "./organisation-ledger.ts";

type Draw = { readonly drawn: DrawnFrom | undefined };

/** Rows of blocks that `draft` has changed. */
export const easedBlocks = (
  draft: Draft,
  ledger: Pick<Ledger, "row">,
  draws: readonly Draw[],
): readonly Facts[] => {
  const lineages = new Map(draws.map(({ drawn }) => [drawn?.lease, drawn?.owner]));
  return [...draft.reservations.values()].flatMap((block) => {
    const lineage = lineages.get(block.id);
    if (lineage === undefined || block.state !== "expired") return [];
    const row = ledger.row(block.id);
    if (row === undefined) return [];
    const eased = expiredRow(row, block.floor, chargedFor(draft, block));
    return [{ lineage, row: { ...eased, version: block.version } }];
  });
};
