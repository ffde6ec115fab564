/**
 * Decides: what makes up the dialect: Gemini's generateContent and streamGenerateContent (v1beta, alt=sse).
 * Never: knows the host or the URL; that is providers/gemini.
 */
import type { Dialect } from "../dialect.ts";
import { decodeError } from "./error.ts";
import { decodeRequest, encodeRequest } from "./request.ts";
import { decodeResponse, encodeResponse } from "./response.ts";
import { streamDecoder } from "./stream-decode.ts";
import { streamEncoder } from "./stream-encode.ts";
import { usageOf } from "./usage.ts";

export const gemini: Dialect = {
  name: "gemini",
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse, usage: usageOf },
  stream: { decoder: streamDecoder, encoder: streamEncoder },
  error: { decode: decodeError },
};
