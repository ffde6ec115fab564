/**
 * Decides: nothing: a world round one account – callers, isolates with blocks, messages that come late, twice
 * or never – played from a script, compared with the oracle after every step.
 * Never: lets the account keep what it was given: every entry it takes over is frozen, or has been JSON.
 */
import { amountFor, type Cost } from "../../src/domain/limit.ts";
import { expire, extend, progress, settle, sweepSlots } from "../../src/policy/limits/account.ts";
import type { Admission } from "../../src/policy/limits/admission.ts";
import { admit } from "../../src/policy/limits/admit.ts";
import { type Draft, draftOf } from "../../src/policy/limits/book.ts";
import { type Actual, NOTHING_USED } from "../../src/policy/limits/came-to.ts";
import { COUNTERS } from "../../src/policy/limits/counters.ts";
import { chargeTogether } from "../../src/policy/limits/drawn-ends.ts";
import { charge, type Drawn, draw, giveBack, grant } from "../../src/policy/limits/lease.ts";
import { NOON } from "../policy/limits/rule.ts";
import { actualOf, blockCost, pick } from "./account-callers.ts";
import { createKept, heldIn } from "./account-kept.ts";
import { createOracle } from "./account-ledger.ts";
import type { Script, Step } from "./account-script.ts";
import { insist } from "./insist.ts";

/** What an isolate knows of a block. */
type Block = { left: Cost; readonly until: number; returned: boolean; readonly running: Drawn[] };

type Event = "steps" | "admitted" | "denied" | "drawn" | "guessed" | "granted";
export type Seen = Record<Event, number>;

/** Plays `script` and throws at the first thing that must not be. `seen`: how much was there to see. */
export const play = ({ rules, honest, steps }: Script, seen: Seen): void => {
  const kept = createKept();
  const { book, commit } = kept;
  const oracle = createOracle(rules, NOON);
  const requests: Admission[] = [];
  const answers = new Map<string, string>();
  const blocks = new Map<string, Block>();
  const drawns = new Map<string, Drawn>();
  let now = NOON;

  const isUntouched = ({ rules: all, reservations }: Draft): boolean =>
    all.size + reservations.size === 0;

  const ask = (step: Step, admission: Admission): void => {
    const draft = draftOf(book);
    const answer = admit(draft, admission, now);
    const before = answers.get(admission.id);
    if (before !== undefined) {
      insist(
        before === JSON.stringify(answer) && isUntouched(draft),
        "asked twice",
        before,
        answer,
      );
      return;
    }
    const expected = oracle.admit(admission, now);
    const models = answer.ok ? answer.models : undefined;
    insist(JSON.stringify(models) === JSON.stringify(expected), "admission", answer, expected);
    if (answer.ok) {
      seen.admitted += 1;
      answers.set(admission.id, JSON.stringify(answer));
      commit(draft, step.json);
      return;
    }
    seen.denied += 1;
    insist(isUntouched(draft), "a denial leaves a trace");
    waits(admission, answer.retryAfterMs);
  };

  /** Who comes back alone after just that time is let in; days are cut to one, and open ends are a guess. */
  const waits = (admission: Admission, ms: number | undefined): void => {
    if (ms === undefined || ms >= 86_400_000) return;
    insist(ms >= 1 && Number.isInteger(ms), "a wait", ms);
    const isGuess = rules.some(
      (rule) =>
        (rule.kind === "calendar" || rule.kind === "slots" || rule.unit === "usd") &&
        oracle.countOf(rule).held(now) > 0,
    );
    const costs = new Set(
      admission.ways.flatMap(({ options }) => options.map(({ cost }) => JSON.stringify(cost))),
    );
    if (isGuess || admission.ways.length > 1 || costs.size > 1) return;
    insist(admit(draftOf(book), admission, now + ms).ok, "a wait that is too short", ms);
  };

  const end = (draft: Draft, step: Step, id: string): void => {
    const drawn = drawns.get(id);
    if (drawn !== undefined) oracle.draw(drawn, now);
    const entry = oracle.entries.get(id);
    if (entry === undefined) return;
    const actual = actualOf(step, entry, honest);
    const isCharged = chargeTogether(draft, [{ id, drawn, actual }], now).has(id);
    if (!isCharged && drawn !== undefined) draw(draft, drawn, now);
    const isNews = isCharged || settle(draft, id, actual, now);
    insist(isNews === oracle.end(id, actual, now), "an end", id, isNews);
    if (step.models === 2) insist(!settle(draft, id, actual, now), "told twice");
  };

  const act = (draft: Draft, step: Step): void => {
    const requestIds = [...oracle.entries.keys()].filter((each) => !blocks.has(each));
    const id = pick(requestIds, step.pick) ?? "";
    const { size } = step;
    const more = { tokens: size.tokens, nanoUsd: size.nanoUsd };
    switch (step.does) {
      case "extend": {
        const model = step.models % 2 === 0 ? "a" : "b";
        const own = step.json ? size : { ...size, requests: 0, slots: 0 };
        // Who is honest asks those of whom he tells the end.
        const floor: Actual = honest ? NOTHING_USED : { total: more, byModel: { [model]: more } };
        const name = step.models > 1 ? `${id} ${step.pick % 3}` : undefined;
        const extension = { name, model, rules, more, own, floor };
        const isGiven = extend(draft, id, extension, now);
        insist(isGiven === oracle.extend(id, extension, now), "an extension", isGiven);
        insist(isGiven || isUntouched(draft), "a refusal leaves a trace");
        return;
      }
      case "progress": {
        const charge = honest ? { tokens: 0, nanoUsd: 0 } : more;
        // Who is honest asks those of whom he tells the end.
        const other = step.pick % 2 === 0 ? "a" : "b";
        const byModel = { [honest ? (oracle.entries.get(id)?.model ?? other) : other]: charge };
        const seenSoFar = step.models === 0 ? charge : { ...charge, byModel };
        const isHeld = progress(draft, id, seenSoFar, now);
        insist(isHeld === oracle.progress(id, seenSoFar, now), "progress", isHeld);
        return;
      }
      case "sweep":
        for (const due of oracle.entries.keys()) {
          sweepSlots(draft, due, now);
          oracle.sweep(due, now);
        }
        return;
      case "expire":
        for (const [due, { model }] of oracle.entries) {
          if (blocks.has(due)) {
            charge(draft, due, now);
            oracle.charge(due, now);
          } else if (!honest || step.json) {
            const isGuessed = expire(draft, due, model, now) !== undefined;
            insist(isGuessed === oracle.expire(due, now), "an expiry", due);
            seen.guessed += Number(isGuessed);
          }
        }
        return;
      case "grant": {
        const name = `block${blocks.size}`;
        const cost = blockCost(size, rules);
        const leasing = { id: name, rules, cost };
        const block = grant(draft, leasing, now);
        insist(block !== undefined || isUntouched(draft), "no block, but a trace");
        if (block === undefined) return;
        insist(grant(draft, leasing, now)?.requests === block.requests, "another block");
        for (const rule of rules) {
          const count = oracle.countOf(rule);
          const room = rule.kind === "bucket" ? rule.burst : rule.max;
          const rest = room - count.used(now) - count.held(now);
          const part = amountFor(rule, block);
          insist(part === 0 || part <= 0.05 * rest, "a block is too large", rule, block);
        }
        oracle.grant(name, block, now);
        blocks.set(name, { left: block, until: now + 1_900, returned: false, running: [] });
        seen.granted += 1;
        return;
      }
      case "draw": {
        const alive = [...blocks].filter(([, { returned, until }]) => !returned && now < until);
        const lease = pick(alive, step.pick);
        const cost = blockCost(size, rules);
        if (lease === undefined) return;
        const [name, block] = lease;
        const units = ["requests", "tokens", "nanoUsd", "slots"] as const;
        if (units.some((unit) => cost[unit] > block.left[unit])) return;
        const left = { ...block.left };
        for (const unit of units) left[unit] -= cost[unit];
        block.left = left;
        const deadline = now + step.lasts;
        const floor = honest ? { tokens: 0, nanoUsd: 0 } : more;
        const drawn = { id: `drawn${drawns.size}`, lease: name, cost, floor, deadline, model: "a" };
        drawns.set(drawn.id, drawn);
        block.running.push(drawn);
        seen.drawn += 1;
        return;
      }
      case "giveBack": {
        const lease = pick(blocks, step.pick);
        if (lease === undefined) return;
        const [name, block] = lease;
        block.returned = true;
        for (const drawn of block.running) {
          draw(draft, drawn, now);
          oracle.draw(drawn, now);
        }
        giveBack(draft, name, now);
        oracle.giveBack(name, now);
        return;
      }
      case "end":
        end(draft, step, pick([...requestIds, ...drawns.keys()], step.pick) ?? "");
        return;
    }
  };

  const compare = (): void => {
    for (const rule of rules) {
      const count = oracle.countOf(rule);
      const standing = COUNTERS[rule.kind].standing(book.rule(rule.id)?.state, rule, now);
      const told = [standing.used, standing.held];
      const expected = [count.used(now), count.held(now)];
      insist(told.join() === expected.join(), "a standing", rule, told, expected);
      const all = count.used(now) + count.held(now);
      const room = rule.kind === "bucket" ? rule.burst : rule.max;
      const bounded = honest && rule.mode === "on" && rule.kind !== "leaky";
      insist(!bounded || all <= room, "above the limit", rule, all);
    }
  };

  for (const step of steps) {
    now += step.pause;
    seen.steps += 1;
    if (step.does === "ask") {
      const isNew = step.pick % 4 > 0 || requests.length === 0;
      if (isNew) requests.push(step.asks(`r${requests.length}`, rules, now + step.lasts));
      const admission = isNew ? requests.at(-1) : pick(requests, step.pick >> 2);
      if (admission !== undefined) ask(step, admission);
    } else {
      const draft = draftOf(book);
      act(draft, step);
      commit(draft, step.json);
    }
    compare();
  }

  // In the end everybody tells everything.
  const [last] = steps;
  const draft = draftOf(book);
  for (const name of blocks.keys()) {
    if (last !== undefined)
      act(draft, { ...last, does: "giveBack", pick: [...blocks.keys()].indexOf(name) });
  }
  for (const id of [...oracle.entries.keys(), ...drawns.keys()]) {
    if (last !== undefined && !blocks.has(id)) end(draft, last, id);
  }
  commit(draft, true);
  compare();
  for (const { id, kind } of rules) {
    const held = heldIn(book.rule(id)?.state);
    insist(held === 0, "still held", kind, held);
  }
};
