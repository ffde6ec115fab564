/**
 * Decides: what an admitted request may go on to use: how much is held for it, for which targets.
 * Never: outlives the request.
 */
import type { LimitRule } from "../domain/limit.ts";
import type { Admitted } from "../policy/limits/admission.ts";
import type { Charge } from "../policy/limits/book.ts";
import type { Held } from "../policy/limits/hold.ts";

export type Permit = {
  readonly granted: Admitted;
  readonly rules: readonly LimitRule[];
  /** The model that the plan begins with, whether or not a limit of its own has closed it. */
  readonly wanted: string;
  /** What each target of the plan has to be held for. */
  readonly holds: Map<string, Held>;
  /** What is held for the request by now. */
  held: Charge;
  /** Targets whose own rules hold this request and its slot, and what else they hold for it. */
  readonly covered: Map<string, Charge>;
  /** Of whom the account knows that it is asked. */
  asking: string;
};
