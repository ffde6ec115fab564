/**
 * Decides: what happens to requests while an organisation's object cannot be asked (bars.md P19): refused, or,
 * where every limit says `open_local`, counted in this isolate with a tenth of each maximum.
 * Never: lets money, or a request without any limit that says so, through on a guess.
 */
import { amountFor, type LimitRule } from "../domain/limit.ts";
import { type Admission, type Admitted, plainlyAdmitted } from "../policy/limits/admission.ts";
import { createLocalLimits } from "./local-limits.ts";

const isOpen = ({ unit, storeDown }: LimitRule): boolean =>
  storeDown === "open_local" && (unit === "requests" || unit === "tokens");

export type Outage = {
  /** Undefined: nothing may pass. `now` in milliseconds since the epoch. */
  admit(tenant: string, admission: Admission, now: number): Admitted | undefined;
};

export const createOutage = (): Outage => {
  const local = createLocalLimits();
  return {
    admit(tenant, admission, now) {
      const { rules } = admission;
      const [{ options }] = admission.ways;
      const inForce = rules.filter(({ mode }) => mode === "on");
      if (inForce.length === 0 || !inForce.every(isOpen)) return undefined;
      const claims = inForce.map((rule) => ({
        key: `${tenant}\n${rule.id}`,
        rule,
        amount: amountFor(rule, options[0].cost),
      }));
      if (!local.take(claims, now).ok) return undefined;
      return plainlyAdmitted(admission);
    },
  };
};
