import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode, type Failure, failure } from "../../src/domain/error.ts";
import { errorResponse } from "../../src/http/error.ts";

const answer = (fail: Failure, headers = {}, random = 0) =>
  errorResponse("openai", fail, "req_1", () => random, headers);

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe("an error answer", () => {
  it.each(CODES)("of %s has the table's status, a JSON envelope and its headers", async (code) => {
    const response = answer(failure(code));
    const row = ERRORS[code];
    expect(response.status).toBe(row.status);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({ error: { code, request_id: "req_1" } });
    const waits = [429, 503].includes(row.status) || code === "idempotency_in_progress";
    expect(response.headers.has("retry-after")).toBe(waits);
    expect(response.headers.has("retry-after-ms")).toBe(waits);
    expect(response.headers.get("x-should-retry")).toBe("noRetry" in row ? "false" : null);
    expect(response.headers.get("www-authenticate")).toBe(row.status === 401 ? "Bearer" : null);
    expect(response.headers.get("connection")).toBe(row.status === 408 ? "close" : null);
  });

  it.each([
    [20_000, 0, "20", "20000"],
    [20_001, 0, "21", "20001"],
    [1, 0, "1", "1"],
    [0, 0, "1", "1"],
    [1_500, 0.5, "2", "1575"],
    [10_000, 0.999, "10", "10999"],
  ])("with %i ms to wait and chance %f says %s s, %s ms", (retryAfterMs, random, s, ms) => {
    const { headers } = answer(failure("rate_limit_requests", { retryAfterMs }), {}, random);
    expect(headers.get("retry-after")).toBe(s);
    expect(headers.get("retry-after-ms")).toBe(ms);
  });

  it("tells how long to wait wherever the failure knows", () => {
    const { headers } = answer(failure("upstream_unreachable", { retryAfterMs: 3_000 }));
    expect(headers.get("retry-after")).toBe("3");
  });

  it("with an idempotent request in progress says two seconds", () => {
    expect(answer(failure("idempotency_in_progress")).headers.get("retry-after")).toBe("2");
  });

  it("names the methods that a path has", () => {
    const { headers } = answer(failure("method_not_allowed", { allow: ["GET", "HEAD"] }));
    expect(headers.get("allow")).toBe("GET, HEAD");
  });

  it("keeps the facts that are known, and its own content type", () => {
    const { headers } = answer(failure("upstream_error"), {
      "x-headgate-attempts": "2",
      "content-type": "text/event-stream",
    });
    expect(headers.get("x-headgate-attempts")).toBe("2");
    expect(headers.get("content-type")).toBe("application/json");
  });
});
