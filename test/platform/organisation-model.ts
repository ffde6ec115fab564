/**
 * Decides: nothing: plays steps against the real object and against its twin, with the object put away, its
 * alarm repeated and its queue failing between any two of them, and compares what both say.
 * Never: lets time run by itself: every alarm is rung by hand.
 */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, vi } from "vitest";
import { type LimitRule, NO_COST } from "../../src/domain/limit.ts";
import type { UsageMessage } from "../../src/domain/usage-message.ts";
import type { Admission } from "../../src/policy/limits/admission.ts";
import type { Drawn } from "../../src/policy/limits/lease.ts";
import { actualOf, blockCost, pick } from "../laws/account-callers.ts";
import type { Step } from "../laws/account-script.ts";
import { tablesOf } from "./organisation-tables.ts";
import { createTwin } from "./organisation-twin.ts";
import { rowOf, type World } from "./organisation-world.ts";

type Block = {
  left: Admission["ways"][0]["options"][0]["cost"];
  readonly until: number;
  running: Drawn[];
  returned: boolean;
};

/** How a queue answers: it takes, it refuses, or it takes and nobody hears of it. */
type Mood = "takes" | "refuses" | "mute";

/** As it arrives: what is generated has no prototype, and such things cannot be sent. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export const createModel = (world: World, generated: readonly LimitRule[]) => {
  const rules = sent(generated);
  const { object, principal } = world;
  const twin = createTwin();
  const blocks = new Map<string, Block>();
  const drawns = new Map<string, Drawn>();
  const asked: Admission[] = [];
  const ended: string[] = [];
  /** By `id:version`: how often the queue has said that it has it. */
  const acknowledged = new Map<string, number>();
  const seen = {
    steps: 0,
    admitted: 0,
    denied: 0,
    drawn: 0,
    alarms: 0,
    evictions: 0,
    repeats: 0,
    eased: 0,
  };
  const now = (): number => Date.now();

  const ring = async (mood: Mood): Promise<void> => {
    const USAGE = {
      async sendBatch(messages: readonly { readonly body: UsageMessage }[]) {
        if (mood === "refuses") throw new Error("the queue is down");
        if (mood === "mute") throw new Error("nobody hears that it was taken");
        for (const { body } of messages) {
          if (body.kind !== "row") continue;
          const name = `${body.row.request_id}:${body.row.version}`;
          acknowledged.set(name, (acknowledged.get(name) ?? 0) + 1);
        }
      },
    };
    await runInDurableObject(object, async (instance) => {
      const { env } = instance as unknown as { env: Env };
      Object.defineProperty(instance, "env", { value: { ...env, USAGE }, configurable: true });
      await instance.alarm();
    });
    twin.sweep(now());
    seen.alarms += 1;
  };

  const endCall = (step: Pick<Step, "size" | "share" | "models">, id: string) => {
    const drawn = drawns.get(id);
    const { book } = twin;
    const reservation = book.reservation(id);
    const model = drawn?.model ?? "a";
    const parts = (reservation?.holds ?? []).flatMap((hold) => {
      const rule = book.rule(hold.rule)?.rule;
      return rule === undefined ? [] : [{ ...hold, rule }];
    });
    const actual = actualOf(step, { parts, model }, true);
    const { nanoUsd, tokens } = actual.total;
    const row = rowOf(id, {
      at: twin.cameAt(id),
      cost_nano_usd: nanoUsd,
      output_tokens: tokens,
      key: principal.key,
    });
    const own = drawn && { ...drawn, owner: principal.lineage };
    return { id, lineage: principal.lineage, drawn: own, actual, row };
  };

  const draws = (running: readonly Drawn[]) =>
    running.map((drawn) => ({
      drawn: { ...drawn, owner: principal.lineage },
      lineage: principal.lineage,
      facts: JSON.stringify(rowOf(drawn.id, { at: twin.cameAt(drawn.id) })),
    }));

  const act = async (step: Step): Promise<void> => {
    const size = { ...step.size };
    const requestIds = [...twin.ids].filter((id) => !blocks.has(id));
    const id = pick(requestIds, step.pick) ?? "";
    switch (step.does) {
      case "ask": {
        const isNew = step.pick % 4 > 0 || asked.length === 0;
        if (isNew) asked.push(sent(step.asks(`r${asked.length}`, rules, now() + step.lasts)));
        const admission = isNew ? asked.at(-1) : pick(asked, step.pick >> 2);
        if (admission === undefined) return;
        const call = { principal, admission, facts: JSON.stringify(rowOf(admission.id)) };
        const untold =
          step.json && ended.length > 0 ? [endCall(step, pick(ended, step.pick) ?? "")] : [];
        for (const end of untold) twin.end(end, now());
        const expected = twin.admit(call, now());
        const before = expected.ok || untold.length > 0 ? "" : await tablesOf(object);
        const { edition, ...answer } = await object.admit(call, untold);
        expect(edition !== undefined).toBe(answer.ok);
        expect(answer).toEqual(expected);
        if (before !== "") expect(await tablesOf(object)).toBe(before);
        seen.admitted += Number(answer.ok);
        seen.denied += Number(!answer.ok);
        return;
      }
      case "extend": {
        const more = { tokens: size.tokens, nanoUsd: size.nanoUsd };
        const own = step.json ? size : { ...size, requests: 0, slots: 0 };
        const extension = { model: step.models % 2 === 0 ? "a" : "b", rules, more, own };
        expect(await object.extend(id, extension)).toBe(twin.extend(id, extension, now()));
        return;
      }
      case "progress": {
        const nothing = { tokens: 0, nanoUsd: 0 };
        expect(await object.progress(id, nothing)).toBe(twin.progress(id, nothing, now()));
        return;
      }
      case "sweep":
      case "expire":
        return ring(step.models === 0 ? "refuses" : step.models === 1 ? "mute" : "takes");
      case "grant": {
        const name = `block${blocks.size}`;
        const leasing = { id: name, rules, cost: blockCost(size, rules) };
        const facts = JSON.stringify(rowOf(name));
        const block = await object.lease({ principal, leasing, facts });
        expect(block?.cost).toEqual(twin.lease(leasing, now(), now()));
        if (block === undefined) return;
        if (step.json) {
          seen.repeats += 1;
          expect((await object.lease({ principal, leasing, facts }))?.cost).toEqual(block.cost);
        }
        blocks.set(name, { left: block.cost, until: now() + 1_900, running: [], returned: false });
        return;
      }
      case "draw": {
        const alive = [...blocks].filter(([, { returned, until }]) => !returned && now() < until);
        const [name, block] = pick(alive, step.pick) ?? [];
        const cost = blockCost(size, rules);
        const units = ["requests", "tokens", "nanoUsd", "slots"] as const;
        if (name === undefined || block === undefined) return;
        if (units.some((unit) => cost[unit] > block.left[unit])) return;
        const left = { ...block.left };
        for (const unit of units) left[unit] -= cost[unit];
        block.left = left;
        const floor = { tokens: 0, nanoUsd: 0 };
        const deadline = now() + step.lasts;
        const drawn = { id: `d${drawns.size}`, lease: name, cost, floor, deadline, model: "a" };
        drawns.set(drawn.id, drawn);
        twin.note(drawn.id, now());
        block.running.push(drawn);
        seen.drawn += 1;
        return;
      }
      case "giveBack": {
        const [name, block] = pick(blocks, step.pick) ?? [];
        if (name === undefined || block === undefined) return;
        block.returned = true;
        await object.giveBack(name, draws(block.running));
        twin.giveBack(name, block.running, now());
        return;
      }
      case "end": {
        const whose = pick([...requestIds, ...drawns.keys()], step.pick);
        if (whose === undefined) return;
        const end = endCall(step, whose);
        ended.push(whose);
        await object.end(step.models === 2 ? [end, end] : [end]);
        twin.end(end, now());
        return;
      }
    }
  };

  const compare = async (): Promise<void> => {
    const { rules: views, reservations, slots } = await object.limits();
    const standings = views
      .map(({ rule, used, held }) => [rule.id, used, held] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    expect({ standings, reservations, slots }).toEqual(twin.view(now()));
  };

  return {
    seen,
    act,
    compare,
    async play(steps: readonly Step[]): Promise<void> {
      // Before it has met a key the object gives no blocks for it.
      const first = sent(world.call("first", []));
      expect((await object.admit(first, [])).ok).toBe(twin.admit(first, now()).ok);
      for (const step of steps) {
        vi.setSystemTime(now() + (step.pause % 3_600_001));
        seen.steps += 1;
        if (step.pick % 5 === 0) {
          await evictDurableObject(object);
          seen.evictions += 1;
        }
        await act(step);
        await compare();
      }
    },
    /** In the end all is told, and told again. */
    async finish(): Promise<void> {
      for (const id of [...twin.ids, ...drawns.keys()]) {
        if (!blocks.has(id) && twin.book.reservation(id)?.version !== 2) {
          const end = endCall({ size: NO_COST, share: 1, models: 1 }, id);
          await object.end([end]);
          twin.end(end, now());
        }
      }
      vi.setSystemTime(now() + 20_000);
      await ring("refuses");
      await evictDurableObject(object);
      await ring("takes");
      await ring("takes");
      await compare();
      for (const [id, { version, ...row }] of twin.rows) {
        seen.eased += Number(blocks.has(id) && version > 1);
        expect(await object.row(id)).toMatchObject({ version, ...row });
        expect(acknowledged.get(`${id}:${version}`)).toBe(1);
      }
      expect([...acknowledged.values()].every((times) => times === 1)).toBe(true);
      const day = new Date(now()).toISOString().slice(0, 10);
      const [today, month] = [twin.spent(day), twin.spent(day.slice(0, 7))];
      expect(await object.spend(principal.lineage)).toMatchObject({ today, month });
      expect(await object.limits()).toMatchObject({ reservations: 0, slots: 0 });
    },
  };
};
