import { describe, expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import type { TargetHealth } from "../../src/policy/routing/health.ts";
import { noHealth } from "../../src/ports.ts";
import { askFor, createStage, type Played, textOf } from "../support/pipeline.ts";
import { CONFIG, framesOf, MESSAGES, WORDS } from "../support/recovery.ts";

const AFTER_MS = 500;
const ANSWER = framesOf("openai", WORDS).join("");
/** An answer whose first content comes after so long, or never. */
const speaking = (ms: number | "hang"): Played => ({
  type: "text/event-stream",
  body: [": wait\n\n", ms, ANSWER],
});
const FAILED: Played = { status: 500, body: "{}" };

/** Asks three targets in order, the second of them beside the first after half a second of silence. */
const asked = async (
  plays: readonly Played[],
  hedge: object = { enabled: true, after: AFTER_MS },
  known: Partial<TargetHealth> = {},
) => {
  const resilience = { max_retries: 0, hedge };
  const stage = createStage({ ...CONFIG, resilience }, (_, count) => plays[count - 1] ?? FAILED);
  const health = {
    ...noHealth,
    view: () => ({ state: "closed", ramp: 1, ...known }) as TargetHealth,
  };
  const wishes = { fallback: ["openai-2", "prefilled"] };
  const body = { model: "openai", messages: MESSAGES, stream: true };
  const calling = chat({ ...stage.deps, health }, askFor(stage, body, { wishes }));
  return { calling, ...stage };
};

describe("a target that is silent", () => {
  it("has another one asked beside it, once, and the first to say something is taken", async () => {
    const { calling, clock, sent, aborted } = await asked([speaking(5_000), speaking(100)]);
    await clock.advance(AFTER_MS - 1);
    expect(sent).toHaveLength(1);
    await clock.advance(2);
    expect(sent).toHaveLength(2);
    expect(aborted).toEqual([]);
    await clock.advance(100);
    const reply = await calling;
    expect(reply).toMatchObject({ ok: true, headers: { "x-headgate-model": "openai-2" } });
    // Whoever lost is let go of at once: he would go on at our cost.
    expect(aborted).toHaveLength(1);
    expect(reply.ok && (await textOf(reply.body))).toContain(WORDS.at(-1));
    expect(sent).toHaveLength(2);
  });

  it("is taken all the same where it is the first to say something", async () => {
    const { calling, clock, sent, aborted } = await asked([speaking(700), speaking(5_000)]);
    await clock.advance(701);
    expect(await calling).toMatchObject({ headers: { "x-headgate-model": "openai" } });
    expect([sent.length, aborted.length]).toEqual([2, 1]);
  });

  it("is waited for where the other one fails", async () => {
    const { calling, clock } = await asked([speaking(2_000), FAILED]);
    await clock.advance(2_001);
    expect(await calling).toMatchObject({ headers: { "x-headgate-model": "openai" } });
  });

  it("has nobody beside it where nothing says so, or nobody knows what is usual", async () => {
    for (const [hedge, known] of [
      [{}, { firstTokenP95: 10 }],
      [{ enabled: false, after: 10 }, {}],
      [{ enabled: true }, {}],
    ] as const) {
      const { calling, clock, sent } = await asked([speaking(5_000)], hedge, known);
      await clock.advance(5_001);
      await calling;
      expect(sent).toHaveLength(1);
    }
  });

  it("is silent for too long when it takes longer than 19 of 20 times", async () => {
    const { calling, clock, sent } = await asked(
      [speaking(5_000), speaking(1)],
      { enabled: true },
      {
        firstTokenP95: 300,
      },
    );
    await clock.advance(299);
    expect(sent).toHaveLength(1);
    await clock.advance(5);
    expect(await calling).toMatchObject({ headers: { "x-headgate-model": "openai-2" } });
  });
});
