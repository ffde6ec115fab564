/**
 * Decides: how much of an upstream body is read into memory.
 * Never: trusts a content-length, or what a compressed body says it will inflate to.
 */
import { parseExactJson } from "../base/exact-json.ts";
import { joinedBytes } from "../base/joined-bytes.ts";
import type { UpstreamAnswer } from "../ports.ts";

const utf8 = new TextDecoder();

/** Whether the runtime holds the body to a length that fits: then it may read it in one go, which is cheaper. */
const isDeclared = (headers: Headers, maxBytes: number): boolean => {
  const length = headers.get("content-length");
  if (length === null || headers.get("transfer-encoding") !== null) return false;
  return headers.get("content-encoding") === null && Number(length) <= maxBytes;
};

/** The body as text; "too_large" past `maxBytes`, "cut" when it broke off. */
export const readWhole = async (
  answer: Pick<UpstreamAnswer, "headers" | "body">,
  maxBytes: number,
): Promise<string | { readonly fault: "too_large" | "cut" }> => {
  if (isDeclared(answer.headers, maxBytes)) {
    // What the runtime has received it reads without a stream being made for it.
    const whole = answer instanceof Response ? answer : new Response(answer.body);
    return whole.text().catch((): { readonly fault: "cut" } => ({ fault: "cut" }));
  }
  const { body } = answer;
  if (body === null) return "";
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > maxBytes) {
        await reader.cancel();
        return { fault: "too_large" };
      }
      chunks.push(value);
    }
  } catch {
    return { fault: "cut" };
  }
  return utf8.decode(joinedBytes(chunks, size));
};

/** JSON or undefined; an upstream's broken JSON is an expected fault, not a bug. */
export const parseJson = (text: string): unknown => {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
};
