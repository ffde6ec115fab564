/**
 * Decides: which reader understands a body.
 * Never: decodes into the canonical form; that costs more and happens only when a request crosses dialects.
 */
import type { DialectName } from "../../../domain/dialect-name.ts";
import type { Gist } from "./gist.ts";
import { readAnthropic } from "./gist-anthropic.ts";
import { readGemini } from "./gist-gemini.ts";
import { readOpenAi } from "./gist-openai.ts";

const READERS: Readonly<Record<DialectName, (body: Record<string, unknown>) => Gist>> = {
  "openai-chat": readOpenAi,
  "anthropic-messages": readAnthropic,
  gemini: readGemini,
};

/** One pass over the body's structure; texts are kept, not looked into. Never throws. */
export const gistOf = (dialect: DialectName, body: Record<string, unknown>): Gist =>
  READERS[dialect](body);
