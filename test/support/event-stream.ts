/**
 * Decides: what a browser would make of a whole event stream, written word for word after the
 * standard (WHATWG HTML, 9.2.6) and slowly: what the framer is compared with.
 * Never: used by the gateway, which has no use for `id` and `retry`.
 */
export type StandardEvent = { event?: string; id?: string; data: string };

export const readEventStream = (
  bytes: Uint8Array,
): { events: StandardEvent[]; retry: number[] } => {
  const events: StandardEvent[] = [];
  const retry: number[] = [];
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/);
  lines.pop();
  let event = "";
  let id: string | undefined;
  let data = "";
  for (const line of lines) {
    if (line === "") {
      if (data !== "") {
        events.push({
          ...(event === "" ? {} : { event }),
          ...(id === undefined ? {} : { id }),
          data: data.slice(0, -1),
        });
      }
      event = "";
      id = undefined;
      data = "";
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data += `${value}\n`;
    if (field === "id" && !value.includes("\0")) id = value;
    if (field === "retry" && /^\d+$/.test(value)) retry.push(Number(value));
  }
  return { events, retry };
};
