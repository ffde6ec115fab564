import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Journey, startJourney } from "../support/journey.ts";
import { VECTOR } from "../support/upstream-embeddings.ts";

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({
    models: [],
    config: {
      models: Object.fromEntries(
        ["openai", "gemini"].map((provider) => [
          `${provider}-embedding`,
          { provider, upstream: "embedding", capabilities: ["embeddings"] },
        ]),
      ),
    },
  });
});
afterAll(() => journey?.dispose());

describe.each(["openai", "gemini"])("embeddings served by %s", (provider) => {
  const model = `${provider}-embedding`;

  // The client asks for base64 by itself and unpacks it.
  it("reach the client as numbers when it names no encoding", async () => {
    const { data } = await journey.openai.embeddings.create({ model, input: "one" });
    expect(data.map((one) => one.embedding)).toEqual([VECTOR]);
  });

  it("reach the client as numbers when it asks for floats", async () => {
    const { data, object } = await journey.openai.embeddings.create({
      model,
      input: ["one", "two"],
      encoding_format: "float",
    });
    expect(object).toBe("list");
    expect(data.map(({ index, embedding }) => [index, embedding])).toEqual([
      [0, VECTOR],
      [1, VECTOR],
    ]);
  });

  it("are base64 of 32-bit floats on the wire when that is asked for", async () => {
    const body = { model, input: "one", encoding_format: "base64" };
    const response = await journey.post("/v1/embeddings", body);
    const { data } = (await response.json()) as { data: { embedding: string }[] };
    const bytes = Buffer.from(data[0]?.embedding ?? "", "base64");
    const floats = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
    expect(floats).toEqual(VECTOR);
  });
});
