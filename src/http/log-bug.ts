/**
 * Decides: what is written down when something throws that should not: one line, nothing free-form.
 * Never: writes an error's message: a parser quotes its input there. (faults.md F75)
 */
import { logLine } from "../base/log-line.ts";

/** Logs where the error came from; the request id leads from the caller's answer to this line. */
export const logBug = (requestId: string, route: string, error: unknown): void => {
  const line = logLine({
    level: "error",
    code: "internal_error",
    request_id: requestId,
    route,
    error: error instanceof Error ? error.name : typeof error,
    at: framesOf(error),
  });
  console.error(line);
};

/** The innermost calls; what stands before them in a stack is the message. */
const framesOf = (error: unknown): readonly string[] => {
  if (!(error instanceof Error) || typeof error.stack !== "string") return [];
  const { stack, message } = error;
  const afterMessage = stack.slice(stack.indexOf(message) + message.length);
  const frames = afterMessage.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 8).map((frame) => frame.trim());
};
