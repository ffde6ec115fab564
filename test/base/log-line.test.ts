import { describe, expect, it } from "vitest";
import { logLine } from "../../src/base/log-line.ts";

describe("a line of the log", () => {
  it.each(["\n", "\r\n", "\u001b[31m", "\u009b31m", "\u2028", "\u007f", "é", "😀", '"}\n{"a":"'])(
    "with %j in a fact is one line of printable ASCII that says the same",
    (text) => {
      const line = logLine({ text });
      expect(line).toMatch(/^[\x20-\x7e]+$/);
      expect(JSON.parse(line)).toEqual({ text });
    },
  );
});
