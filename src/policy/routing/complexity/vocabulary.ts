/**
 * Decides: which words speak for which signal.
 * Never: is all there is: structure (fences, formulas, lists, length) speaks in every language.
 */

export type Topic = "code" | "maths" | "reasoning" | "steps" | "constraints" | "routine" | "talk";

// English first; the plainest words of a few other languages, so that they are not all "small talk".
const WORDS: Readonly<Record<Topic, string>> = {
  code: `refactor refactoring debug debugging bug bugs compile compiler typescript javascript python java
    kotlin rust golang haskell sql regex api endpoint endpoints backend frontend function functions method
    methods class classes module modules codebase repository async concurrency concurrent thread threads
    mutex deadlock exception stacktrace unittest tests implement implementation algorithm recursion
    program programs script scripts code array arrays strings linked tree trees graph sorted loop
    dockerfile kubernetes terraform schema query component middleware parser cache microservice
    microservices`,
  maths: `solve solution solutions prove proof proofs theorem lemma corollary integral integrate derivative differentiate equation
    equations inequality polynomial matrix matrices eigenvalue eigenvalues eigenvector determinant prime
    primes modulo congruence probability variance expectation converges convergence limit bijection
    injective surjective topology manifold isomorphism homomorphism vector irrational rational
    combinatorics induction contradiction calculus algebra geometry logarithm asymptotic beweise beweis
    démontrer démontre demuestra`,
  reasoning: `why prove proof derive derivation justify analyse analyze analysis evaluate compare contrast
    tradeoffs tradeoff rigorous rigorously reason reasoning infer deduce critique argue argument arguments
    hypothesis diagnose implications implication consequences assess architect architecture design optimise
    optimize optimal strategy strategies investigate counterexample disprove scalable plan refactor
    refactoring thoroughly carefully systematically begründe warum pourquoi analysiere
    analysez`,
  steps: `first firstly second secondly third thirdly then next afterwards finally lastly step steps phase
    phases stage stages zuerst dann danach schließlich ensuite enfin`,
  constraints: `must should shall exactly least most without except unless ensure ensuring require requires
    required requirement requirements never always only limit maximum minimum within avoid preserve preserving
    keep cannot guarantee guarantees constraint constraints satisfy satisfies backwards-compatible muss darf
    doit`,
  routine: `translate translation translated convert conversion reformat format rename rephrase paraphrase
    summarise summarize summary shorten proofread correct spellcheck spelling grammar punctuation capitalise
    capitalize lowercase uppercase extract list sort alphabetise alphabetize deduplicate classify
    categorise categorize label define synonym synonyms recipe headline slogan übersetze übersetzen traduis
    traduire traduce traducir traduci`,
  talk: `hi hello hey thanks thank morning evening afternoon night weekend bye goodbye welcome cheers joke
    hallo danke bonjour merci hola gracias ciao`,
};

const topics = new Map<string, Topic[]>();
for (const [topic, words] of Object.entries(WORDS) as [Topic, string][]) {
  for (const word of words.split(/\s+/)) topics.set(word, [...(topics.get(word) ?? []), topic]);
}

const NONE: readonly Topic[] = [];

/** `word` in lower case. */
export const topicsOf = (word: string): readonly Topic[] => topics.get(word) ?? NONE;
