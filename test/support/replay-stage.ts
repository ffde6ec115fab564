/**
 * Decides: how the pipeline is set up so that a recorded answer comes back to a request.
 * Never: plays anything but the recording's own bytes.
 */
import type { DialectName } from "../../src/domain/dialect-name.ts";
import { createStage, type Stage } from "./pipeline.ts";
import type { Recording } from "./recordings.ts";

const KINDS: Readonly<Record<DialectName, string>> = {
  "openai-chat": "openai",
  "anthropic-messages": "anthropic",
  gemini: "gemini",
};
const text = new TextDecoder();

/** The network cut the stream somewhere else than the provider did; a length that frames do not share. */
const pieces = (stream: string): readonly string[] => stream.match(/[\s\S]{1,211}/gu) ?? [];

/** One provider that speaks the recording's dialect, and one model of it, named `named`. */
export const replayStage = (record: Recording): Stage => {
  const base = record.dialect === "openai-chat" ? "https://up.example/v1" : "https://up.example";
  const provider = {
    kind: KINDS[record.dialect],
    base_url: base,
    api_key: { secret: "UPSTREAM" },
  };
  const model = { provider: "up", upstream: record.model };
  const streamed = record.stream !== undefined;
  return createStage(
    { providers: { up: provider }, models: { named: model } },
    () => ({
      type: streamed ? "text/event-stream" : "application/json",
      body: streamed ? pieces(text.decode(record.stream)) : JSON.stringify(record.whole),
    }),
    { UPSTREAM: "a-key" },
  );
};
