/**
 * Decides: what is written down when something throws that should not: one line, nothing free-form.
 * Never: writes an error's message: a parser quotes its input there. (faults.md F75)
 */

/** Logs where the error came from; the request id leads from the caller's answer to this line. */
export const logBug = (requestId: string, route: string, error: unknown): void => {
  const frames =
    error instanceof Error && typeof error.stack === "string"
      ? error.stack.split("\n").filter((line) => /^\s+at /.test(line))
      : [];
  const line = JSON.stringify({
    level: "error",
    code: "internal_error",
    request_id: requestId,
    route,
    error: error instanceof Error ? error.name : typeof error,
    at: frames.slice(0, 8).map((frame) => frame.trim()),
  });
  console.error(line.replace(/[^\x20-\x7e]/g, escapeCharacter));
};

/** JSON leaves these as they are, but a terminal obeys some of them. */
const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
