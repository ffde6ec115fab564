/**
 * Decides: what an operator is called for, and with which facts.
 * Never: holds a prompt, an answer, a key or a secret's value.
 */
export type Alert =
  /** A provider refuses a credential, or its account has no money. `secret`: the name of the secret. */
  | {
      readonly event: "credential.refused";
      readonly provider: string;
      readonly model: string;
      readonly secret: string;
      readonly code: "upstream_auth_failed" | "upstream_quota";
    }
  /** A limit has passed its soft share; told once a window. `limit`: level, unit and period. */
  | {
      readonly event: "budget.soft_limit";
      readonly org: string;
      readonly key: string;
      readonly limit: string;
    }
  /** A provider reported usage that cannot be true; what is charged was cut or counted by ourselves. */
  | {
      readonly event: "usage.suspect";
      readonly provider: string;
      readonly model: string;
      readonly request_id: string;
      readonly fields: readonly string[];
    };
