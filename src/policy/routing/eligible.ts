/**
 * Decides: which models could serve a request at all: what they can do, and whether it fits into them.
 * Never: looks at health; a model that is down is still the right kind of model.
 */
import { err, ok, type Result } from "../../base/result.ts";
import { type Failure, failure } from "../../domain/error.ts";
import type { Capability, Target } from "../../domain/target.ts";
import type { Needs } from "./request/needs.ts";

/** Without these a request fails; the others are honoured where somebody has them. */
const INDISPENSABLE: readonly Capability[] = ["tools", "vision", "audio", "json"];

/** Estimates are rough: below this share of the estimate a request surely does not fit. */
const SURELY = 0.7;

/** What is left, or what was there where nothing would be left. */
const preferred = (
  targets: readonly Target[],
  test: (target: Target) => boolean,
): readonly Target[] => {
  const left = targets.filter(test);
  return left.length > 0 ? left : targets;
};

/** The texts are only looked at where their length alone does not settle it. */
const fits = ({ context }: Target, needs: Needs, share: number, output: number): boolean =>
  context === undefined ||
  needs.mostInput + output <= context ||
  needs.inputTokens() * share + output <= context;

const canDo =
  (capability: Capability) =>
  ({ capabilities }: Target): boolean =>
    capabilities.has(capability);

/** A model that embeds does not chat, whoever listed it. */
const embedsOnly = ({ capabilities }: Target): boolean => capabilities.has("embeddings");

const able = (
  targets: readonly Target[],
  { capabilities }: Needs,
): Result<readonly Target[], Failure> => {
  let left = capabilities.has("embeddings")
    ? targets
    : targets.filter((target) => !embedsOnly(target));
  if (left.length === 0) return err(failure("unsupported_parameter", { param: "model" }));
  for (const [capability, param] of capabilities) {
    const can = canDo(capability);
    if (!INDISPENSABLE.includes(capability)) {
      left = preferred(left, can);
      continue;
    }
    left = left.filter(can);
    if (left.length === 0) return err(failure("unsupported_parameter", { param }));
  }
  return ok(left);
};

const roomy = (targets: readonly Target[], needs: Needs): Result<readonly Target[], Failure> => {
  const { outputCap = 0 } = needs;
  const possible = targets.filter((target) => fits(target, needs, SURELY, 0));
  if (possible.length === 0) return err(failure("context_length_exceeded"));
  const writes = preferred(
    possible,
    ({ maxOutput }) => maxOutput === undefined || outputCap <= maxOutput,
  );
  return ok(preferred(writes, (target) => fits(target, needs, 1, outputCap)));
};

/** In the order given; never empty. The failure names the field that nobody can honour. */
export const eligible = (
  targets: readonly Target[],
  needs: Needs,
): Result<readonly Target[], Failure> => {
  const can = able(targets, needs);
  return can.ok ? roomy(can.value, needs) : can;
};
