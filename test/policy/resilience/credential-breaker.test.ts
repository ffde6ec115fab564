import { describe, expect, it } from "vitest";
import {
  type CredentialEvent,
  credentialStep,
  newCredential,
} from "../../../src/policy/resilience/credential-breaker.ts";

const credential = () => {
  let state = newCredential;
  return (type: CredentialEvent["type"], now: number): boolean => {
    const step = credentialStep(state, { type }, now, () => 0.5);
    state = step.state;
    return step.output;
  };
};

describe("a provider's key", () => {
  it("is used until it is refused, rests a minute, and is then tried by one call", () => {
    const key = credential();
    expect(key("ask", 0)).toBe(true);
    key("refused", 0);
    expect(key("ask", 59_999)).toBe(false);
    expect(key("ask", 60_000)).toBe(true);
    expect(key("ask", 60_000)).toBe(false);
  });

  it("is tried anew when nothing was heard of the trial", () => {
    const key = credential();
    key("refused", 0);
    key("ask", 60_000);
    expect(key("ask", 90_000)).toBe(true);
  });

  it("is itself again once it has been accepted", () => {
    const key = credential();
    key("refused", 0);
    key("ask", 60_000);
    key("accepted", 60_001);
    expect([key("ask", 60_002), key("ask", 60_002)]).toEqual([true, true]);
  });

  it("rests twice as long each time its trial fails, five minutes at most", () => {
    const key = credential();
    key("refused", 0);
    let now = 0;
    for (const rest of [60_000, 120_000, 240_000, 300_000, 300_000]) {
      expect(key("ask", now + rest - 1)).toBe(false);
      now += rest;
      expect(key("ask", now)).toBe(true);
      key("refused", now);
    }
  });

  it("rests a fifth longer or shorter, as chance will have it", () => {
    const until = [0, 1].map((chance) => {
      return credentialStep(newCredential, { type: "refused" }, 0, () => chance).state.until;
    });
    expect(until.map(Math.round)).toEqual([48_000, 72_000]);
  });

  it("counts calls that were refused together as one refusal", () => {
    const key = credential();
    for (let call = 0; call < 50; call += 1) key("refused", 0);
    expect(key("ask", 60_000)).toBe(true);
  });
});
