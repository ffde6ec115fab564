/**
 * Decides: how large a request is that brings the beginning of its answer along (a prefill).
 * Never: counts less than a provider may charge for reading that beginning.
 */
import type { Message } from "../../domain/chat.ts";
import type { Target } from "../../domain/target.ts";
import { familyOf } from "../tokens/families.ts";
import { roughCount } from "../tokens/rough-count.ts";
import { boundOfMessage } from "../tokens/upper-bound.ts";
import type { InputBound, Sizes } from "./sizes.ts";

/** About as many tokens as a provider writes round one message. */
const FRAME = 4;

/** `beginning`: the text that the answer is to go on from. */
export const begunSizes = (sizes: Sizes, beginning: string): Sizes => {
  const message: Message = { role: "assistant", content: [{ type: "text", text: beginning }] };
  const bytes = new TextEncoder().encode(beginning).length;
  const more = (bound: InputBound | undefined, { kind, upstream }: Target) => {
    const added = boundOfMessage(message, familyOf(kind, upstream));
    if (bound === undefined || added === undefined) return undefined;
    return { ...bound, tokens: bound.tokens + added };
  };
  return {
    ...sizes,
    estimate: () => sizes.estimate() + FRAME + roughCount(beginning),
    most: () => sizes.most() + FRAME + bytes,
    looseBound: (target) => more(sizes.looseBound(target), target),
    tightBound: (target) => more(sizes.tightBound(target), target),
  };
};
