import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";

let journey: Journey;
beforeAll(async () => {
  const models = ["ok", ...FAULTS.map(({ fault }) => fault)];
  journey = await startJourney({ models, config: { resilience: { max_retries: 0 } } });
});
afterAll(() => journey?.dispose());

type Fault = {
  readonly fault: string;
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly anthropicType: string;
};
const fault = (
  name: string,
  status: number,
  code: string,
  type: string,
  anthropicType: string,
): Fault => ({ fault: name, status, code, type, anthropicType });

/** What one provider's failure becomes for the caller when no other target is left. */
const FAULTS: readonly Fault[] = [
  fault("status-400", 400, "invalid_parameter", "invalid_request_error", "invalid_request_error"),
  fault("status-401", 502, "upstream_auth_failed", "upstream_error", "api_error"),
  fault("status-403", 502, "upstream_auth_failed", "upstream_error", "api_error"),
  fault("status-404", 502, "upstream_invalid", "upstream_error", "api_error"),
  fault("status-429", 429, "upstream_rate_limited", "rate_limit_error", "rate_limit_error"),
  fault("status-500", 502, "upstream_error", "upstream_error", "api_error"),
  fault("quota-429", 502, "upstream_quota", "upstream_error", "api_error"),
  fault("quota-402", 502, "upstream_quota", "upstream_error", "api_error"),
  fault("reset-before-headers", 502, "upstream_unreachable", "upstream_error", "api_error"),
  fault(
    "context-400",
    400,
    "context_length_exceeded",
    "invalid_request_error",
    "invalid_request_error",
  ),
  fault(
    "content-filter-400",
    400,
    "content_filtered",
    "invalid_request_error",
    "invalid_request_error",
  ),
  fault("error-in-200", 502, "upstream_error", "upstream_error", "api_error"),
  fault("html-200", 502, "upstream_invalid", "upstream_error", "api_error"),
  fault("empty-200", 502, "upstream_invalid", "upstream_error", "api_error"),
  fault("redirect", 502, "upstream_invalid", "upstream_error", "api_error"),
  fault("first-event-error", 502, "upstream_error", "upstream_error", "api_error"),
];

const OPENAI_CLASS: Readonly<Record<number, unknown>> = {
  400: OpenAI.BadRequestError,
  429: OpenAI.RateLimitError,
  502: OpenAI.InternalServerError,
};
const ANTHROPIC_CLASS: Readonly<Record<number, unknown>> = {
  400: Anthropic.BadRequestError,
  429: Anthropic.RateLimitError,
  502: Anthropic.InternalServerError,
};

const messages = [{ role: "user" as const, content: "hi" }];

const failureOf = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (problem) {
    return problem;
  }
  throw new Error("it succeeded");
};

const MODES = [{ stream: false }, { stream: true }] as const;

describe.each(MODES)("before the first content, stream: $stream", ({ stream }) => {
  it.each(FAULTS)("the openai client sees $fault as $status $code", async (row) => {
    const model = `openai-${row.fault}`;
    const call = journey.openai.chat.completions.create({ model, messages, stream });
    const failure = (await failureOf(call)) as InstanceType<typeof OpenAI.APIError>;
    expect(failure).toBeInstanceOf(OPENAI_CLASS[row.status]);
    expect(failure).toMatchObject({ status: row.status, code: row.code, type: row.type });
    expect(failure.error).toMatchObject({ request_id: failure.requestID });
    expect(JSON.stringify(failure.error)).not.toMatch(/test-openai|127\.0\.0\.1|It failed/);
  });

  it.each(FAULTS)("the Anthropic client sees $fault as $status $anthropicType", async (row) => {
    const model = `anthropic-${row.fault}`;
    const call = journey.anthropic.messages.create({ model, messages, max_tokens: 99, stream });
    const failure = (await failureOf(call)) as InstanceType<typeof Anthropic.APIError>;
    expect(failure).toBeInstanceOf(ANTHROPIC_CLASS[row.status]);
    expect(failure.error).toMatchObject({
      type: "error",
      error: { type: row.anthropicType, code: row.code },
      request_id: failure.headers?.get("x-request-id"),
    });
  });
});

describe("the gateway's own refusals", () => {
  const chat = (client: OpenAI, model: string) =>
    client.chat.completions.create({ model, messages });

  it("are an AuthenticationError for a wrong key, the same whatever is wrong with it", async () => {
    const forged = `${journey.key.slice(0, -1)}${journey.key.endsWith("a") ? "b" : "a"}`;
    const bodies: unknown[] = [];
    for (const apiKey of ["nonsense", forged, journey.gateway.adminToken]) {
      const client = journey.openai.withOptions({ apiKey });
      const failure = (await failureOf(chat(client, "openai-ok"))) as InstanceType<
        typeof OpenAI.APIError
      >;
      expect(failure).toBeInstanceOf(OpenAI.AuthenticationError);
      bodies.push({ ...(failure.error as object), request_id: undefined });
    }
    expect(bodies[0]).toMatchObject({ code: "invalid_api_key", source: "caller" });
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  });

  it("are a NotFoundError for a model that does not exist", async () => {
    const failure = await failureOf(chat(journey.openai, "no-such-model"));
    expect(failure).toBeInstanceOf(OpenAI.NotFoundError);
    expect(failure).toMatchObject({ code: "model_not_found" });
    const call = journey.anthropic.messages.create({ model: "none-such", messages, max_tokens: 9 });
    const other = (await failureOf(call)) as InstanceType<typeof Anthropic.APIError>;
    expect(other).toBeInstanceOf(Anthropic.NotFoundError);
    expect(other.error).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });

  it("name the parameter that is wrong", async () => {
    const call = journey.openai.chat.completions.create({
      model: "openai-ok",
      messages,
      max_completion_tokens: -1,
    });
    const failure = await failureOf(call);
    expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
    expect(failure).toMatchObject({ code: "invalid_parameter", param: "max_completion_tokens" });
  });
});
