import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openaiChat } from "../../src/dialects/openai-chat/dialect.ts";
import { unfold } from "../../src/dialects/unfold.ts";
import { wired } from "./dialects-canonical.ts";
import { MODEL, openAiRequest, openAiResponse } from "./dialects-openai-chat.ts";
import { streamedBack } from "./dialects-streamed.ts";

const context = {
  requestId: "req",
  created: 1,
  includeUsage: true,
  from: "openai-chat" as const,
};
const target = {
  model: MODEL,
  capabilities: new Set<string>(),
  maxOutput: undefined,
  from: "openai-chat" as const,
};

describe("openai-chat", () => {
  it("decodes every request that it encodes into the same request, with nothing dropped", () => {
    fc.assert(
      fc.property(openAiRequest, (request) => {
        const encoded = openaiChat.request.encode(request, target);
        if (!encoded.ok) throw new Error(JSON.stringify(encoded.error));
        expect(encoded.value.dropped).toEqual([]);
        const decoded = openaiChat.request.decode(wired(encoded.value.body));
        expect(decoded).toStrictEqual({ ok: true, value: request });
      }),
    );
  });

  it("decodes every answer that it encodes into the same answer", () => {
    fc.assert(
      fc.property(openAiResponse, (response) => {
        const body = wired(openaiChat.response.encode(response, context));
        expect(openaiChat.response.decode(body)).toStrictEqual({ ok: true, value: response });
        expect(openaiChat.response.usage(body)).toStrictEqual(response.usage);
      }),
    );
  });

  it("streams every answer so that what is folded from the stream is the answer", () => {
    fc.assert(
      fc.property(openAiResponse, (response) => {
        expect(streamedBack(openaiChat, unfold(response), context)).toStrictEqual(response);
      }),
    );
  });
});
