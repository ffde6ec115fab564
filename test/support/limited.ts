/**
 * Decides: how a test gets a caller under a policy of its own, in an organisation that no other test has.
 * Never: counts anything itself.
 */
import type { Journey } from "./journey.ts";
import { type Row, rowOf } from "./ledger.ts";

export type Limited = {
  readonly org: string;
  readonly key: string;
  readonly keyId: string;
  /** A chat that says "hi" unless `body` says otherwise. */
  call(body?: object, headers?: Record<string, string>): Promise<Response>;
  rowOf(answer: Response): Promise<Row>;
  /** `GET /v1/key`. */
  standing(): Promise<Record<string, unknown>>;
};

let made = 0;

/** Rules in force. */
export const on = (...rules: readonly object[]) => ({ limits: { mode: "on", rules } });

/** As `key` says it instead, where somebody has another key of the same organisation. */
export const callWith =
  ({ gateway }: Journey, key: string): Limited["call"] =>
  (body = {}, headers = {}) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body: JSON.stringify({
        model: "openai-ok",
        messages: [{ role: "user", content: "hi" }],
        ...body,
      }),
    });

/** The policy stands at the organisation, or at the key. */
export const limited = async (
  journey: Journey,
  policy: object,
  at: "org" | "key" = "org",
): Promise<Limited> => {
  made += 1;
  const org = `limited-${made}`;
  const { gateway } = journey;
  await gateway.makeOrg(org, at === "org" ? policy : undefined);
  const own = at === "key" ? { policy } : {};
  const { id, key } = await gateway.adminJson("POST", "/keys", { org, ...own });
  const secret = String(key);
  return {
    ...{ org, key: secret, keyId: String(id), call: callWith(journey, secret) },
    rowOf: (answer) => rowOf({ gateway, key: secret }, answer.headers.get("x-request-id")),
    standing: async () => {
      const headers = { authorization: `Bearer ${secret}` };
      const answer = await fetch(`${gateway.url}/v1/key`, { headers });
      return (await answer.json()) as Record<string, unknown>;
    },
  };
};

/** The body of an error, with what stands in it. */
export const errorOf = async (answer: Response): Promise<Record<string, unknown>> =>
  ((await answer.json()) as { error: Record<string, unknown> }).error;
