/**
 * Decides: which providers there are.
 * Never: leaves one out: a new kind without a line here does not compile.
 */
import type { ProviderKind } from "../domain/target.ts";
import { anthropic } from "./anthropic.ts";
import { COMPATIBLE } from "./compatible.ts";
import { demo } from "./demo/provider.ts";
import { gemini } from "./gemini.ts";
import type { Provider } from "./provider.ts";
import { workersAi } from "./workers-ai.ts";

export const PROVIDERS: Readonly<Record<ProviderKind, Provider>> = {
  ...COMPATIBLE,
  anthropic,
  gemini,
  "workers-ai": workersAi,
  demo,
};
