/**
 * Decides: what belongs to the dialect of `POST /v1/messages`.
 * Never: does anything itself.
 */

import type { Dialect } from "../dialect.ts";
import { isObject } from "../reading.ts";
import { decodeError } from "../upstream-error.ts";
import { clearForeignTurns } from "./foreign-turns.ts";
import { decodeRequest } from "./request-decode.ts";
import { encodeRequest } from "./request-encode.ts";
import { decodeResponse } from "./response-decode.ts";
import { encodeResponse } from "./response-encode.ts";
import { streamDecoder } from "./stream-decode.ts";
import { streamEncoder } from "./stream-encode.ts";
import { decodeUsage } from "./usage.ts";

export const anthropicMessages: Dialect = {
  name: "anthropic-messages",
  request: { decode: decodeRequest, encode: encodeRequest, clear: clearForeignTurns },
  response: {
    decode: decodeResponse,
    encode: encodeResponse,
    usage: (body) => (isObject(body) ? decodeUsage(body["usage"]) : undefined),
  },
  stream: { decoder: streamDecoder, encoder: streamEncoder },
  error: { decode: decodeError },
};
