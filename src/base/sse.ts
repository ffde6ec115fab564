/**
 * Decides: where one Server-Sent Event ends and the next begins, and what it says.
 * Never: knows what the data means. (WHATWG HTML, section 9.2.)
 */

/** One event as it came: its bytes include the blank line that ends it. */
export type Frame = {
  readonly bytes: Uint8Array;
  /** Set on the first frame of a stream, the only one that may begin with a byte order mark. */
  readonly first?: true;
};

export type SseEvent = {
  /** The event's name; "" where none was given. */
  readonly event: string;
  /** The data lines joined by LF. */
  readonly data: string;
};

export type Framer = {
  /** Takes the next bytes of the stream; returns the frames that they complete. */
  push(bytes: Uint8Array): readonly Frame[];
  /** At the stream's end: the bytes of the frame that was not completed; undefined when there are none. */
  finish(): Uint8Array | undefined;
  /** True once a frame has grown over the cap; from then on nothing is kept and nothing returned. */
  readonly overflow: boolean;
};

const LF = 10;
const CR = 13;
/** 8 MiB of data, and room for the field names and line ends round it. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024 + 1024;

/**
 * Cuts a byte stream into frames, whatever its chunks: all frames and the rest, joined, are the input.
 *
 * A frame that lies within one chunk is a view of it; only one that spans chunks is copied. Each byte
 * is looked at once. A blank line that is a lone CR ends its frame at once, except after a line that
 * ended in CRLF: there the LF that completes the blank line is waited for.
 */
export const createFramer = (options: { readonly maxBytes?: number } = {}): Framer => {
  const maxBytes = options.maxBytes ?? MAX_FRAME_BYTES;
  let kept = new Uint8Array(0);
  let keptSize = 0;
  let first = true;
  let overflow = false;
  /** The state of the line at the end of the last chunk. */
  let lineBegun = false;
  let afterCr = false;
  let crlf = false;
  let heldBlank = false;

  const keep = (bytes: Uint8Array) => {
    const size = keptSize + bytes.length;
    if (size > kept.length) {
      const grown = new Uint8Array(Math.min(maxBytes, Math.max(1024, size * 2)));
      grown.set(kept.subarray(0, keptSize));
      kept = grown;
    }
    kept.set(bytes, keptSize);
    keptSize = size;
  };

  const drop = () => {
    kept = new Uint8Array(0);
    keptSize = 0;
  };

  const complete = (part: Uint8Array): Frame => {
    let bytes = part;
    if (keptSize > 0) {
      keep(part);
      bytes = kept.subarray(0, keptSize);
      drop();
    }
    if (!first) return { bytes };
    first = false;
    return { bytes, first: true };
  };

  const push = (chunk: Uint8Array): readonly Frame[] => {
    const frames: Frame[] = [];
    const length = chunk.length;
    if (overflow || length === 0) return frames;
    let start = 0;
    let line = lineBegun ? -1 : 0;

    const cut = (end: number): boolean => {
      if (keptSize + end - start > maxBytes) {
        overflow = true;
        drop();
        return false;
      }
      frames.push(complete(chunk.subarray(start, end)));
      start = end;
      return true;
    };

    if (afterCr) {
      crlf = chunk[0] === LF;
      line = crlf ? 1 : 0;
      afterCr = false;
      if (heldBlank && !cut(line)) return frames;
      heldBlank = false;
    }

    let lf = chunk.indexOf(LF, Math.max(line, 0));
    let cr = chunk.indexOf(CR, Math.max(line, 0));
    while (lf !== -1 || cr !== -1) {
      const isCr = cr !== -1 && (lf === -1 || cr < lf);
      const end = isCr ? cr : lf;
      const blank = end === line;
      let next = end + 1;
      // After any other line end a blank line's CR stands alone, and an LF that follows is a line of its own.
      const mayBeCrlf = isCr && (crlf || !blank);
      if (mayBeCrlf && next === length) {
        afterCr = true;
        heldBlank = blank;
      } else {
        crlf = mayBeCrlf && chunk[next] === LF;
        if (crlf) next += 1;
      }
      if (blank && !heldBlank && !cut(next)) return frames;
      line = next;
      if (lf !== -1 && lf < next) lf = chunk[next] === LF ? next : chunk.indexOf(LF, next);
      if (cr !== -1 && cr < next) cr = chunk.indexOf(CR, next);
    }

    lineBegun = line < length;
    if (keptSize + length - start > maxBytes) {
      overflow = true;
      drop();
    } else if (start < length) {
      keep(chunk.subarray(start));
    }
    return frames;
  };

  return {
    push,
    finish: () => (keptSize > 0 ? kept.subarray(0, keptSize) : undefined),
    get overflow() {
      return overflow;
    },
  };
};

/** Bytes that are not UTF-8 become U+FFFD, as the standard asks. */
const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const LINE_END = /\r\n|\n|\r/;

/**
 * The data of a frame that is one `data:` line and a blank one, all that most streams send;
 * undefined for every other frame, which `decodeFrame` reads.
 */
export const frameData = ({ bytes }: Frame): string | undefined => {
  // "data:"
  if (
    bytes[0] !== 100 ||
    bytes[1] !== 97 ||
    bytes[2] !== 116 ||
    bytes[3] !== 97 ||
    bytes[4] !== 58
  ) {
    return undefined;
  }
  const lf = bytes.indexOf(LF);
  const cr = bytes.indexOf(CR);
  const end = cr === -1 ? lf : cr;
  const lineEnd = cr === -1 ? 1 : 2;
  const plain = cr === -1 || cr === lf - 1;
  if (!plain || end + 2 * lineEnd !== bytes.length) return undefined;
  return utf8.decode(bytes.subarray(bytes[5] === 32 ? 6 : 5, end));
};

/** What a frame says; undefined for one that dispatches nothing (comments, blank lines, no data). */
export const decodeFrame = (frame: Frame): SseEvent | undefined => {
  const plain = frameData(frame);
  if (plain !== undefined) return { event: "", data: plain };
  const text = utf8.decode(frame.bytes);
  let event = "";
  let data: string | undefined;
  for (const line of text.slice(frame.first && text.startsWith("\ufeff") ? 1 : 0).split(LINE_END)) {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (field === "event") event = value;
  }
  return data === undefined ? undefined : { event, data };
};
