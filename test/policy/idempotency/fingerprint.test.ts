import { describe, expect, it } from "vitest";
import { requestText } from "../../../src/policy/idempotency/fingerprint.ts";

const of = (text: string, route = "chat"): string => requestText(route, { text });

describe("requestText", () => {
  it.each([
    ['{"a":1,"b":[true,null]}', ' { "b" : [ true , null ], "a" : 1.0 } '],
    ['{"a":{"x":1,"y":2}}', '{"a":{"y":2,"x":1}}'],
    ['{"a":"é\\n"}', '{"a":"\\u00e9\\u000a"}'],
    ['{"a":[{"x":1,"y":123456789012345678901}]}', '{"a":[{"y":123456789012345678901,"x":1}]}'],
  ])("%s is %s", (one, other) => {
    expect(of(one)).toBe(of(other));
  });

  it.each([
    ['{"a":1}', '{"a":2}'],
    ['{"a":1}', '{"a":"1"}'],
    ['{"a":[1,2]}', '{"a":[2,1]}'],
    ['{"a":1}', '{"a":1,"stream":true}'],
    ['{"seed":9007199254740993}', '{"seed":9007199254740992}'],
    ['{"a":null}', "{}"],
  ])("%s is not %s", (one, other) => {
    expect(of(one)).not.toBe(of(other));
  });

  it("differs from route to route", () => {
    expect(of("{}", "chat")).not.toBe(of("{}", "messages"));
  });
});
