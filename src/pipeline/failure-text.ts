/**
 * Decides: how a failure reads where the pipeline itself writes it: inside a stream, or kept to be given again.
 * Never: has words of its own; an error that is an answer is the door's to write.
 */
import { errorBody } from "../dialects/error-body.ts";
import type { Failure } from "../domain/error.ts";
import type { Ask } from "./ask.ts";

const encoder = new TextEncoder();

const isAnthropic = ({ dialect }: Ask): boolean => dialect === "anthropic-messages";

/** The envelope that the caller's dialect knows, as JSON. */
export const failureText = (ask: Ask, fail: Failure): string =>
  JSON.stringify(errorBody(isAnthropic(ask) ? "anthropic" : "openai", fail, ask.requestId));

/** An error inside a stream, as a frame of the caller's dialect. */
export const errorFrame = (ask: Ask, fail: Failure): Uint8Array => {
  const data = `data: ${failureText(ask, fail)}\n\n`;
  return encoder.encode(isAnthropic(ask) ? `event: error\n${data}` : data);
};
