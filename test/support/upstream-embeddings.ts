/**
 * Decides: what the test upstream answers besides chat: embeddings and token counts, in each dialect.
 * Never: has faults of its own, but for the model `status-NNN`.
 */
import { INPUT_TOKENS } from "./upstream-answer.ts";
import { json, type Step } from "./upstream-script.ts";
import { type Body, list } from "./upstream-wire.ts";

/** Eight numbers that floats of 32 bits hold exactly. */
export const VECTOR: readonly number[] = [0.5, -0.25, 0.125, 1, -1, 0.75, 0, 0.0625];

const base64 = (): string => Buffer.from(new Float32Array(VECTOR).buffer).toString("base64");

export const embeddingsReply = (path: string, body: Body): Step[] | undefined => {
  const refused = /^status-(\d+)/.exec(String(body["model"]))?.[1];
  if (refused !== undefined) return json({ error: { message: "It failed." } }, Number(refused));
  if (path === "/v1/embeddings") return openaiEmbeddings(body);
  if (path === "/v1/messages/count_tokens") return json({ input_tokens: INPUT_TOKENS });
  if (path.endsWith(":countTokens")) return json({ totalTokens: INPUT_TOKENS });
  if (path.endsWith(":batchEmbedContents")) {
    const values = { values: VECTOR };
    return json({ embeddings: list(body["requests"]).map(() => values) });
  }
  if (path.endsWith(":embedContent")) return json({ embedding: { values: VECTOR } });
  return undefined;
};

const openaiEmbeddings = (body: Body): Step[] => {
  const { input } = body;
  const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
  const embedding = body["encoding_format"] === "base64" ? base64() : VECTOR;
  return json({
    object: "list",
    data: inputs.map((_, index) => ({ object: "embedding", index, embedding })),
    model: body["model"],
    usage: { prompt_tokens: inputs.length, total_tokens: inputs.length },
  });
};
