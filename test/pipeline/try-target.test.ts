import { expect, it } from "vitest";
import { chat } from "../../src/pipeline/chat.ts";
import type { TargetHealth } from "../../src/policy/routing/health.ts";
import type { Deps } from "../../src/ports.ts";
import { askFor, createStage } from "../support/pipeline.ts";

const config = {
  providers: { up: { kind: "openai", base_url: "https://up.example/v1" } },
  models: { one: { provider: "up" } },
};
const body = { model: "one", messages: [{ role: "user", content: "hi" }] };

/** How often a target that always fails is asked again, within two seconds. */
const repeatsAt = async (firstTokenP50: number): Promise<number> => {
  const stage = createStage(config, () => ({ status: 500, body: "{}" }));
  const well = { state: "closed", until: undefined, ramp: 1, firstTokenP50 } as TargetHealth;
  const health: Deps["health"] = { ...stage.deps.health, view: () => well };
  const wishes = { timeoutMs: 2_000, fallback: "none" } as const;
  const asked = chat({ ...stage.deps, health }, askFor(stage, body, { wishes }));
  await stage.clock.advance(2_000);
  await asked;
  return stage.sent.length - 1;
};

it("no repeat is made where less time is left than the first token usually takes", async () => {
  expect(await repeatsAt(500)).toBeGreaterThan(0);
  expect(await repeatsAt(2_500)).toBe(0);
});
