/**
 * Decides: how the text of a tool's result becomes the JSON object that Gemini wants, and back,
 * without losing a character.
 * Never: reads sense into the text.
 */
import { isObject, type Json } from "../reading.ts";

const isWrapped = (response: Json): boolean => {
  const [name, ...more] = Object.keys(response);
  return (
    (name === "output" || name === "error") &&
    more.length === 0 &&
    typeof response[name] === "string"
  );
};

/** The text as an object where that loses nothing, not even a space or a digit of a number. */
const asObject = (text: string): Json | undefined => {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && !isWrapped(value) && JSON.stringify(value) === text
      ? value
      : undefined;
  } catch {
    return undefined;
  }
};

/**
 * `output` and `error` are the keys that Google's reference names. `own` is a Gemini caller's result,
 * which was an object before it was text.
 */
export const encodeResult = (text: string, isError: boolean, own: boolean): Json =>
  isError ? { error: text } : ((own ? asObject(text) : undefined) ?? { output: text });

export const decodeResult = (
  response: Json,
): { readonly text: string; readonly isError: boolean } => {
  if (!isWrapped(response)) return { text: JSON.stringify(response), isError: false };
  const isError = "error" in response;
  return { text: String(isError ? response["error"] : response["output"]), isError };
};
