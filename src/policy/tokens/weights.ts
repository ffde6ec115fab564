/**
 * Decides: how many tokens each family makes of one message, one tool, one token of o200k_base …
 * Never: is typed in from taste: fitted to recorded traffic by eval/fit-tokens.ts, then rounded; the
 * exceptions say where they come from.
 */
import type { Family } from "./families.ts";
import type { Amounts } from "./outline.ts";

/** Tokens for each one of what an outline counts. */
export type Weights = Readonly<Record<keyof Amounts, number>>;

// Media are guesses at the usual case: a photo of about a megapixel, a PDF of a few pages (up to 3,000
// tokens each by Anthropic's "PDF support"), speech at 64 kbit/s and 32 tokens a second (Gemini's rate,
// the densest). A provider's own tool: the text editor's 700 (Anthropic, "Tool use", pricing).
const BASE: Weights = {
  request: 1,
  message: 4,
  text: 1,
  call: 30,
  tools: 150,
  forced: 0,
  tool: 0,
  native: 0,
  toolText: 1,
  schema: 1,
  format: 20,
  formatSchema: 0.7,
  thinking: 0,
  image: 1_000,
  file: 4_500,
  audio: 3,
  signature: 0,
};

const CLAUDE: Weights = {
  ...BASE,
  request: 3,
  text: 1.06,
  call: 50,
  tools: 515,
  forced: 108,
  native: 700,
  toolText: 1.1,
  schema: 1.4,
  format: 145,
  formatSchema: 1,
  thinking: 29,
  image: 1_450,
};

/** gpt-4's and gpt-5's request, message and text are OpenAI's own ("How to count tokens with tiktoken"). */
export const WEIGHTS: Readonly<Record<Family, Weights>> = {
  "gpt-4": {
    ...BASE,
    request: 3,
    call: 8,
    tools: 15,
    toolText: 0.7,
    schema: 0.6,
    image: 765,
  },
  "gpt-5": { ...BASE, request: 2, call: 12, tools: 93, schema: 0.7, image: 1_230 },
  "gpt-oss": { ...BASE, request: 60, message: 7, call: 11, tools: 22, schema: 0.7 },
  "claude-4": { ...CLAUDE, text: 1.1, call: 24, tools: 305, tool: 31, toolText: 0.5, schema: 1.2 },
  claude: CLAUDE,
  gemini: {
    ...BASE,
    request: 0,
    message: 1,
    call: 25,
    tools: 4,
    forced: 25,
    schema: 0.7,
    format: 0,
    formatSchema: 0,
    image: 1_090,
  },
  mistral: {
    ...BASE,
    request: 0,
    message: 3,
    text: 1.14,
    call: 5,
    tools: 12,
    tool: 18,
    toolText: 1.15,
    schema: 1.5,
  },
  // By hand, from few requests: Llama 3's template writes today's date, Llama 4's a page about tools.
  llama: { ...BASE, request: 20, tools: 240 },
  "llama-4": { ...BASE, request: 6, tools: 650 },
  qwen: { ...BASE, request: 4, tools: 95, toolText: 1.5, schema: 0.8 },
  // By hand: the descent stops early on 28 samples that are nearly all the same request.
  deepseek: { ...BASE, request: 2, message: 1, tools: 245, schema: 1.1 },
  grok: { ...BASE, request: 145, tools: 120 },
  searching: BASE,
  other: { ...BASE, call: 50, schema: 1.2 },
};
