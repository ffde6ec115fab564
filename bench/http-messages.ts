/**
 * Decides: where one HTTP/1.1 message ends and the next begins, as cheaply as a benchmark needs it.
 * Never: is used by the gateway; it trusts both ends of a loopback socket.
 */

export type MessageReader = (chunk: Buffer) => void;

type Reading = {
  /** Called once the message's head is complete. */
  readonly onHead?: (head: string) => void;
  /** Called for each piece of body. */
  readonly onBody?: (piece: Buffer) => void;
  readonly onEnd: () => void;
};

const LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;

/** `left` is what the body, or its current chunk, still lacks; -1 before a chunk's size is known. */
type State = { at: "head" | "length" | "chunk"; left: number; kept: Buffer };

export const messageReader = (reading: Reading): MessageReader => {
  const state: State = { at: "head", left: 0, kept: Buffer.alloc(0) };
  const end = (): void => {
    state.at = "head";
    reading.onEnd();
  };
  return (chunk) => {
    let data = state.kept.length > 0 ? Buffer.concat([state.kept, chunk]) : chunk;
    state.kept = Buffer.alloc(0);
    while (data.length > 0) {
      const used = step(state, data, reading, end);
      if (used === 0) {
        state.kept = data;
        return;
      }
      data = data.subarray(used);
    }
  };
};

/** Bytes consumed; 0 when more are needed first. */
const step = (state: State, data: Buffer, reading: Reading, end: () => void): number => {
  if (state.at === "head") return readHead(state, data, reading, end);
  if (state.at === "chunk" && state.left < 0) return readChunkSize(state, data, end);
  const used = Math.min(state.left, data.length);
  const closing = state.at === "chunk" ? 2 : 0; // the CRLF after a chunk's bytes
  const body = Math.max(0, Math.min(used, state.left - closing));
  if (body > 0) reading.onBody?.(data.subarray(0, body));
  state.left -= used;
  if (state.left > 0) return used;
  if (state.at === "chunk") state.left = -1;
  else end();
  return used;
};

const readHead = (state: State, data: Buffer, reading: Reading, end: () => void): number => {
  const close = data.indexOf("\r\n\r\n");
  if (close < 0) return 0;
  const head = data.toString("latin1", 0, close + 2);
  reading.onHead?.(head);
  if (CHUNKED.test(head)) {
    state.at = "chunk";
    state.left = -1;
  } else {
    state.at = "length";
    state.left = Number(LENGTH.exec(head)?.[1] ?? 0);
    if (state.left === 0) end();
  }
  return close + 4;
};

const readChunkSize = (state: State, data: Buffer, end: () => void): number => {
  const line = data.indexOf("\r\n");
  if (line < 0) return 0;
  const size = Number.parseInt(data.toString("latin1", 0, line), 16);
  if (size === 0) {
    if (data.length < line + 4) return 0;
    end();
    return line + 4;
  }
  state.left = size + 2;
  return line + 2;
};
