/**
 * Decides: what a caller of the gateway makes of one streamed answer: the text, how it ended, what was told.
 * Never: repeats a call, and never waits longer than the patience it is given.
 */

export type Heard = {
  /** 0 where no answer came at all. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The finish reasons that were seen. */
  readonly finishes: readonly string[];
  /** The stream ended in `[DONE]`. */
  readonly isDone: boolean;
  /** The code of an error, in band or instead of the answer. */
  readonly error: string | undefined;
  readonly usage: Readonly<Record<string, unknown>> | undefined;
  /** The gateway's object in the last event. */
  readonly told: Readonly<Record<string, unknown>> | undefined;
  /** Nothing came to an end within the caller's patience, or the connection broke. */
  readonly isHung: boolean;
  readonly ms: number;
};

type Json = Record<string, unknown>;

type Chunk = {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: Json | null;
  readonly headgate?: Json;
  readonly error?: { readonly code?: string };
};

export type Call = {
  /** The gateway, without a trailing slash. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly patienceMs: number;
};

const nothing = { text: "", finishes: [], isDone: false, usage: undefined, told: undefined };

export const hear = async (call: Call): Promise<Heard> => {
  const begun = performance.now();
  const over = (): number => performance.now() - begun;
  try {
    const response = await fetch(`${call.url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${call.key}`,
        "content-type": "application/json",
        ...call.headers,
      },
      body: JSON.stringify({
        model: call.model,
        messages: [{ role: "user", content: "Say the sixty words." }],
        stream: true,
        stream_options: { include_usage: true },
      }),
      signal: AbortSignal.timeout(call.patienceMs),
    });
    const { status, headers } = response;
    const body = await response.text();
    const isStream = headers.get("content-type")?.includes("text/event-stream") === true;
    const read = isStream ? readStream(body) : { ...nothing, error: codeOf(body) };
    return { status, headers, ...read, isHung: false, ms: over() };
  } catch {
    const hung = { status: 0, headers: new Headers(), ...nothing, error: undefined };
    return { ...hung, isHung: true, ms: over() };
  }
};

const codeOf = (body: string): string => {
  const { error } = JSON.parse(body) as Chunk;
  return error?.code ?? "none";
};

const readStream = (body: string): Omit<Heard, "status" | "headers" | "isHung" | "ms"> => {
  const data = [...body.matchAll(/^data: (.*)$/gm)].map(([, line = ""]) => line);
  const chunks = data.filter((line) => line !== "[DONE]").map((line) => JSON.parse(line) as Chunk);
  const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
  const failed = chunks.find((chunk) => chunk.error !== undefined);
  return {
    text: choices.map(({ delta }) => delta?.content ?? "").join(""),
    finishes: choices.flatMap(({ finish_reason: finish }) => finish ?? []),
    isDone: data.at(-1) === "[DONE]",
    error: failed === undefined ? undefined : (failed.error?.code ?? "none"),
    usage: chunks.findLast((chunk) => chunk.usage)?.usage ?? undefined,
    told: chunks.findLast((chunk) => chunk.headgate)?.headgate,
  };
};
