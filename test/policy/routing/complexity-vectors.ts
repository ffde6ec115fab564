/**
 * Decides: which requests anybody would call simple, moderate or complex. Written by hand.
 * Never: taken from the recorded questions; those are for `npm run eval -- routing`.
 */
export type Vector = readonly [
  name: string,
  tiers: readonly ("simple" | "moderate" | "complex")[],
  messages: string | readonly { readonly role: string; readonly content: string }[],
];

const CSV = Array.from({ length: 30 }, (_, row) => `row${row},${row * 7},${row * 13}`).join("\n");

const CLASSES = Array.from(
  { length: 40 },
  (_, at) => `export class Repository${at} {
  private readonly cache = new Map<string, Entry>();
  async find(id: string): Promise<Entry | undefined> {
    if (this.cache.has(id)) return this.cache.get(id);
    const row = await this.db.query("SELECT * FROM entries WHERE id = ?", [id]);
    return row === null ? undefined : this.map(row);
  }
}`,
).join("\n");

export const VECTORS: readonly Vector[] = [
  [
    "a long proof",
    ["complex"],
    `Prove rigorously that there are infinitely many primes congruent to 3 modulo 4. First state and prove every
lemma that you use, then give the main argument by contradiction, and finally explain why the same argument does
not work for primes congruent to 1 modulo 4. Do not cite Dirichlet's theorem.`,
  ],
  [
    "a proof in formulas",
    ["complex"],
    String.raw`Let $f: [0,1] \to \mathbb{R}$ be continuous with $\int_0^1 f(x) x^n dx = 0$ for all $n \ge 0$. Prove that
$f \equiv 0$. Then show that the hypothesis cannot be weakened to $n \le N$: construct a counterexample for each $N$.`,
  ],
  [
    "a refactoring of many classes",
    ["complex"],
    `Refactor the following TypeScript module. Requirements:
1. Extract the caching into one generic class; the public API must stay the same.
2. Every query must go through a single transaction, without deadlocks under concurrency.
3. Write unit tests for the cache's eviction.
4. Explain the trade-offs of your design.

\`\`\`ts
${CLASSES}
\`\`\``,
  ],
  [
    "the design of a system",
    ["complex"],
    `Design the architecture of a payment system that processes 50,000 transactions per second across three regions.
Compare at least two strategies for exactly-once processing, analyse their failure modes, and justify which one you
would choose. It must tolerate the loss of a region, must never charge twice, and should keep p99 latency within
200 ms. Then outline the migration from a monolith step by step.`,
  ],
  [
    "a bug with a stack trace",
    ["moderate", "complex"],
    `Why does this function sometimes return undefined? Find the bug and fix it.

\`\`\`js
async function load(ids) {
  const out = [];
  ids.forEach(async (id) => {
    out.push(await fetchOne(id));
  });
  return out[0];
}
\`\`\``,
  ],
  [
    "a comparison of two positions",
    ["moderate", "complex"],
    "Compare utilitarian and deontological arguments about lying to protect somebody. Where do they differ in their consequences, and which objections does each have to answer?",
  ],
  [
    "a translation",
    ["simple"],
    "Translate to French: The meeting has been moved to Thursday at ten.",
  ],
  [
    "a long translation",
    ["simple"],
    `Translate the following text into German:\n\n${"The committee met on Tuesday and agreed on the agenda for the coming year. ".repeat(60)}`,
  ],
  ["a format conversion", ["simple"], `Convert this CSV to JSON:\n\nname,a,b\n${CSV}`],
  [
    "a conversion of JSON",
    ["simple"],
    `Convert this JSON to YAML.\n\n{\n  "name": "x",\n  "items": [\n    {"id": 1, "tags": ["a", "b"]},\n    {"id": 2, "tags": []}\n  ]\n}`,
  ],
  ["small talk", ["simple"], "Hi! How are you today?"],
  ["thanks", ["simple"], "Thanks, that was helpful!"],
  ["a fact", ["simple"], "What is the capital of Australia?"],
  [
    "a one-line summary",
    ["simple"],
    "Summarise in one sentence: the bus was late because of the snow.",
  ],
  ["a spelling check", ["simple"], "Fix the spelling: I recieved teh package yesterday."],
  ["a greeting in another language", ["simple"], "Bonjour, comment ça va ?"],
  [
    "a translation in another language",
    ["simple"],
    "Übersetze ins Englische: Der Zug hat Verspätung.",
  ],
  [
    "the next question of a hard conversation",
    ["moderate", "complex"],
    [
      {
        role: "user",
        content:
          "Prove that the sum of two algebraic numbers is algebraic. Use resultants, and justify every step carefully.",
      },
      {
        role: "assistant",
        content: String.raw`Let $\alpha$ and $\beta$ be roots of $p(x)$ and $q(x)$. Consider the resultant $r(x) = \mathrm{Res}_y(p(y), q(x - y))$ …`,
      },
      { role: "user", content: "And now the same for the product." },
    ],
  ],
];
