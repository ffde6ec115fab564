/**
 * Decides: whether the ledger tells the truth about what the upstream was asked and has generated (bars.md P11).
 * Never: forgives a request that has no row, or two.
 */
import type { ShownRow } from "../storm/account.ts";
import type { Served } from "../test/support/counting-upstream.ts";

export type Truth = {
  readonly served: number;
  readonly rows: number;
  /** Reached the upstream and have no row; where blocks were leased, a block's row stands for them. */
  readonly missing: readonly Served[];
  readonly doubled: number;
  /** Rows with the provider's own figures that are not the upstream's. */
  readonly wrong: number;
  /** Rows of requests whose end nobody told: their input is charged, and what was last seen. */
  readonly expired: number;
  /** Rows that stand for blocks whose isolate died. */
  readonly blocks: number;
  /** Tokens: the upstream's count and the ledger's, of the requests in each group. */
  readonly all: Sums;
  /** Broken off by callers: counted by the gateway. */
  readonly estimated: Sums;
  readonly lost: Sums;
  /** Tokens that are charged for blocks. */
  readonly ofBlocks: number;
};

export type Sums = { readonly truth: number; readonly ledger: number };

const tokensOf = ({ input_tokens, output_tokens }: ShownRow): number =>
  (input_tokens ?? 0) + (output_tokens ?? 0);

const isExpired = ({ error_code, estimated }: ShownRow): boolean =>
  estimated && error_code === "internal_error";

const NOTHING: Sums = { truth: 0, ledger: 0 };

export const judge = (served: readonly Served[], shown: readonly ShownRow[]): Truth => {
  const blocks = shown.filter(({ request_id: id }) => id.startsWith("block_"));
  const rows = shown.filter(({ request_id: id }) => !id.startsWith("block_"));
  const byMark = Map.groupBy(rows, ({ client_request_id: mark }) => mark ?? "");
  const truths = Map.groupBy(served, ({ mark }) => mark);
  const sums = { all: NOTHING, estimated: NOTHING, lost: NOTHING };
  const add = (name: keyof typeof sums, truth: number, ledger: number): void => {
    const { [name]: before } = sums;
    sums[name] = { truth: before.truth + truth, ledger: before.ledger + ledger };
  };
  const missing: Served[] = [];
  let doubled = 0;
  let wrong = 0;
  for (const [mark, tries] of truths) {
    const truth = tries.reduce((sum, { input, output }) => sum + input + output, 0);
    const [row, ...others] = byMark.get(mark) ?? [];
    if (others.length > 0) doubled += 1;
    if (row === undefined) {
      missing.push(...tries.slice(0, 1));
      add("all", truth, 0);
      continue;
    }
    const ledger = tokensOf(row);
    add("all", truth, ledger);
    if (isExpired(row)) add("lost", truth, ledger);
    else if (row.estimated) add("estimated", truth, ledger);
    else if (truth !== ledger) wrong += 1;
  }
  return {
    served: truths.size,
    rows: rows.length,
    missing,
    doubled,
    wrong,
    expired: rows.filter(isExpired).length,
    blocks: blocks.length,
    ...sums,
    ofBlocks: blocks.reduce((sum, row) => sum + tokensOf(row), 0),
  };
};
