/**
 * Decides: what belongs to the dialect of `POST /v1/chat/completions`.
 * Never: does anything itself.
 */
import type { Dialect } from "../dialect.ts";
import { decodeError } from "../upstream-error.ts";
import { clearForeignMarks } from "./foreign-marks.ts";
import { decodeRequest } from "./request-decode.ts";
import { encodeRequest } from "./request-encode.ts";
import { decodeResponse } from "./response-decode.ts";
import { encodeResponse } from "./response-encode.ts";
import { streamDecoder } from "./stream-decode.ts";
import { streamEncoder } from "./stream-encode.ts";
import { streamUsage } from "./usage.ts";

export const openaiChat: Dialect = {
  name: "openai-chat",
  request: { decode: decodeRequest, encode: encodeRequest, clear: clearForeignMarks },
  response: { decode: decodeResponse, encode: encodeResponse, usage: streamUsage },
  stream: { decoder: streamDecoder, encoder: streamEncoder },
  error: { decode: decodeError },
};
