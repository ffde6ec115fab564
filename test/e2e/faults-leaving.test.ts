import { type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type Journey, ORG, startJourney } from "../support/journey.ts";
import { expectAtRest, limitsOf, type Row, rowOf } from "../support/ledger.ts";
import { INPUT_TOKENS } from "../support/upstream-answer.ts";
import { PROVIDERS } from "../support/upstream-config.ts";

const ENDLESS = "ok-pace-40";
const SLOW = "slow-headers-1500";
const LEFT_WITHIN_MS = 5_000;
/** Tokens that may be under way when a caller leaves. */
const UNDERWAY = 12;

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({ counted: true, models: [ENDLESS, SLOW] });
});
afterAll(() => journey?.dispose());

const open = async (model: string, stream: boolean, headers: Record<string, string> = {}) => {
  const sent = request(`${journey.gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${journey.key}`,
      "content-type": "application/json",
      ...headers,
    },
  });
  // Whoever leaves is not interested in what becomes of his socket.
  sent.on("error", () => {});
  sent.end(JSON.stringify({ model, messages: [{ role: "user", content: "hi" }], stream }));
  return sent;
};

const responseTo = (sent: ReturnType<typeof request>): Promise<IncomingMessage> =>
  new Promise((resolve) => sent.on("response", resolve));

/** Reads a stream until so many pieces of text have come, then closes the socket. */
const leaveAfter = async (model: string, tokens: number): Promise<Row> => {
  const sent = await open(model, true);
  const response = await responseTo(sent);
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    if ((text.match(/"content":"[^"]/g) ?? []).length >= tokens) break;
  }
  const left = Date.now();
  sent.destroy();
  const row = await rowOf(journey, String(response.headers["x-request-id"]));
  expect(Date.now() - left).toBeLessThan(LEFT_WITHIN_MS);
  return row;
};

const isPaid = ({ input_tokens: input, output_tokens: output, ...row }: Row, tokens: number) => {
  expect(row).toMatchObject({ status: 499, stream: true, attempts: 1, estimated: true });
  expect(input).toBeGreaterThan(0);
  expect(input).toBeLessThanOrEqual(INPUT_TOKENS);
  expect(output).toBeGreaterThanOrEqual(tokens);
  expect(output).toBeLessThanOrEqual(tokens + UNDERWAY);
  expect(row["cost_usd"]).toBeCloseTo(((input ?? 0) + 2 * (output ?? 0)) / 1e6, 9);
};

describe.each(PROVIDERS)("a caller who leaves %s", (provider) => {
  it.each([1, 8])("F29 after %i tokens has paid his input and those", async (tokens) => {
    isPaid(await leaveAfter(`${provider}-${ENDLESS}`, tokens), tokens);
  });

  it("F29 is not in anybody's way within two seconds", async () => {
    await leaveAfter(`${provider}-${ENDLESS}`, 2);
    const began = Date.now();
    let slots = 1;
    while (slots > 0 && Date.now() - began < 2_000) {
      ({ slots } = await limitsOf(journey.gateway, ORG));
    }
    expect(slots).toBe(0);
  });

  it("F28 before there is an answer has paid his input once the provider is given up", async () => {
    const before = journey.upstream.to(SLOW).length;
    const sent = await open(`${provider}-${SLOW}`, true, { "x-request-id": `left-${provider}` });
    await eventually(() => journey.upstream.to(SLOW).length > before);
    sent.destroy();
    await expectAtRest(journey.gateway, ORG);
    const { data } = await journey.gateway.adminJson("GET", `/requests?org=${ORG}&limit=1`);
    const [row] = data as Row[];
    expect(row).toMatchObject({ client_request_id: `left-${provider}`, attempts: 1 });
    expect(row?.input_tokens).toBeGreaterThan(0);
  });
});

it("F86 leaving after one token again and again is paid for each time", async () => {
  const before = (await expectAtRest(journey.gateway, ORG)).rules;
  const rows: Row[] = [];
  for (let time = 0; time < 8; time += 1) rows.push(await leaveAfter(`openai-${ENDLESS}`, 1));
  for (const row of rows) isPaid(row, 1);
  const after = (await expectAtRest(journey.gateway, ORG)).rules;
  const paid = rows.reduce(
    (sum, { input_tokens: input, output_tokens: output }) => sum + (input ?? 0) + (output ?? 0),
    0,
  );
  const tokens = (rules: typeof before) =>
    rules.filter(({ unit }) => unit === "tokens").map(({ used }) => used);
  expect(tokens(after)).toEqual(tokens(before).map((used) => used + paid));
});
