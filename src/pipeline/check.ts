/**
 * Decides: whether the fields that the gateway itself reckons with have values that it can reckon
 * with, also where the body is passed on unread (faults.md F36).
 * Never: checks what only the provider understands.
 */

import { own } from "../base/record.ts";
import type { DialectName } from "../domain/dialect-name.ts";
import { type Failure, failure } from "../domain/error.ts";
import type { Ask } from "./ask.ts";

type Check = (value: unknown) => boolean;

/** OpenAI's own maximum for `n`; with no bound one request could order any amount. */
const MOST_CHOICES = 128;

const count = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 1;
const finite: Check = (value) => typeof value === "number" && Number.isFinite(value);
const flag: Check = (value) => typeof value === "boolean";
const list: Check = (value) => Array.isArray(value) && value.length > 0;
const object: Check = (value) => typeof value === "object" && !Array.isArray(value);

const SHARED: Readonly<Record<string, Check>> = {
  messages: list,
  tools: Array.isArray,
  max_tokens: count,
  temperature: finite,
  top_p: finite,
  stream: flag,
};

const CHECKS: Readonly<Record<DialectName, Readonly<Record<string, Check>>>> = {
  "openai-chat": {
    ...SHARED,
    max_completion_tokens: count,
    n: (value) => count(value) && Number(value) <= MOST_CHOICES,
    stream_options: object,
    frequency_penalty: finite,
    presence_penalty: finite,
  },
  "anthropic-messages": { ...SHARED, top_k: finite },
  gemini: {},
};

const REQUIRED: Readonly<Record<DialectName, readonly string[]>> = {
  "openai-chat": ["messages"],
  "anthropic-messages": ["messages", "max_tokens"],
  gemini: ["contents"],
};

/** The first field that is missing or has a value that cannot be; undefined when all is well. */
export const checkChat = ({ dialect, endpoint, body }: Ask): Failure | undefined => {
  const checks = CHECKS[dialect];
  for (const name of REQUIRED[dialect]) {
    // Counting needs no output cap.
    if (endpoint === "count_tokens" && name === "max_tokens") continue;
    if (!body.spans.has(name)) return failure("invalid_parameter", { param: name });
  }
  for (const name of body.spans.keys()) {
    const value = body.value[name];
    const check = own(checks, name);
    // OpenAI's own clients send null for what is not set.
    const absent = value === null && !REQUIRED[dialect].includes(name);
    if (check !== undefined && !absent && !check(value)) {
      return failure("invalid_parameter", { param: name });
    }
  }
  return undefined;
};
