import { describe, expect, it } from "vitest";
import { rowOf } from "../../src/pipeline/ledger-row.ts";
import { begin } from "../../src/pipeline/run.ts";
import { askFor, createStage } from "../support/pipeline.ts";

/** Bytes. Half of what a queue takes in one message. */
const MOST = 64 * 1_024;
/** Three bytes in a row. */
const WIDE = "\u4e00";

const runOf = (wishes: object = {}) => {
  const stage = createStage({ providers: {}, models: {} }, () => "silent");
  const ask = askFor(stage, { model: "m", messages: [] }, { wishes });
  return begin(ask, "chat", 1);
};
const denied = (name: string) => ({ section: "limits", decision: `deny:${name}` });

describe("a row of the ledger", () => {
  // A queue refuses a message of more than 128 kB, and what it refuses is tried again for good.
  it("is small, whatever the request and its provider call themselves", () => {
    const tags = Array.from({ length: 16 }, (_, at) => [
      `${at}`.padStart(32, "t"),
      WIDE.repeat(64),
    ]);
    const run = runOf({ tags: Object.fromEntries(tags), user: WIDE.repeat(5_000) });
    Object.assign(run.record, {
      ...{ client_request_id: "c".repeat(99_999), requested_model: "m".repeat(99_999) },
      upstream_model: WIDE.repeat(99_999),
      shadow: Array.from({ length: 5_000 }, (_, at) => denied(`tag:${at}`.padEnd(999, WIDE))),
    });
    const row = rowOf(run);
    expect(new TextEncoder().encode(JSON.stringify(row)).length).toBeLessThan(MOST);
    expect(row.tags).toEqual(Object.fromEntries(tags));
  });

  it("names what was only tried out once, however many rules said the same", () => {
    const run = runOf();
    run.record.shadow = [
      denied("key/requests/day"),
      denied("org/usd/month"),
      denied("key/requests/day"),
    ];
    expect(rowOf(run).shadow).toEqual([denied("key/requests/day"), denied("org/usd/month")]);
  });
});
