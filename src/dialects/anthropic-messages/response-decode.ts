/**
 * Decides: how a whole message of an Anthropic-speaking server is read.
 * Never: refuses a block that it does not know; it stays in the answer as it is.
 */
import { err, ok, type Result } from "../../base/result.ts";
import type { ChatResponse } from "../../domain/chat.ts";
import { defined } from "../defined.ts";
import { isObject, startReading } from "../reading.ts";
import { decodeBlock } from "./blocks.ts";
import { MESSAGE_FIELDS } from "./fields.ts";
import { decodeFinish } from "./finish.ts";
import { decodeUsage } from "./usage.ts";

export const decodeResponse = (body: unknown): Result<ChatResponse, "invalid"> => {
  if (!isObject(body) || !Array.isArray(body["content"])) return err("invalid");
  const { id, model } = body as { id?: unknown; model?: unknown };
  const reading = startReading();
  const content = body["content"].map((block, index) =>
    decodeBlock(reading, block, `content[${index}]`),
  );
  if (reading.fault !== undefined) return err("invalid");
  const sequence = body["stop_sequence"];
  const extra = Object.entries(body).filter(([name]) => !MESSAGE_FIELDS.has(name));
  return ok({
    id: typeof id === "string" ? id : "",
    model: typeof model === "string" ? model : "",
    choices: [
      {
        index: 0,
        content,
        finish_reason: decodeFinish(body["stop_reason"]),
        ...defined({ stop_sequence: typeof sequence === "string" ? sequence : undefined }),
      },
    ],
    extra: Object.fromEntries(extra),
    ...defined({ usage: decodeUsage(body["usage"]) }),
  });
};
