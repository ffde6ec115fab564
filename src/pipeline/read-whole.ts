/**
 * Decides: how much of an upstream body is read into memory.
 * Never: trusts a content-length, or what a compressed body says it will inflate to.
 */
const utf8 = new TextDecoder();

/** The body as text; "too_large" past `maxBytes`, "cut" when it broke off. */
export const readWhole = async (
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string | { readonly fault: "too_large" | "cut" }> => {
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
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return utf8.decode(only);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return utf8.decode(whole);
};

/** JSON or undefined; an upstream's broken JSON is an expected fault, not a bug. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
