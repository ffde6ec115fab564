/**
 * Decides: which pieces of a turn have to be the same letter by letter: code and addresses.
 * Never: reads them as words.
 */

/** Each piece is bounded, so that no text makes the search slow. */
const PATTERNS: readonly RegExp[] = [
  /```[^`]{0,4000}```|`[^`\n]{1,400}`/g,
  /\bhttps?:\/\/[^\s<>"]{1,500}/gi,
  /\b[\w-]{1,60}(?:\.[\w-]{1,60}){0,3}\.(?:com|org|net|io|dev|ai)\b/gi,
  /[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}/g,
  /(?:^|\s)(?:\.{0,2}\/|[A-Za-z]:\\|~\/)[^\s?]{2,200}/g,
  /\b[A-Za-z0-9]{1,60}(?:_[A-Za-z0-9]{1,60}){1,8}/g,
  /\b[\w.]{2,60}\(\)/g,
];

/** Sorted, each as it stands: what is the same twice stands twice. */
export const literalsOf = (turn: string): readonly string[] =>
  PATTERNS.flatMap((pattern) => [...turn.matchAll(pattern)].map(([piece]) => piece.trim())).sort();

const QUOTED = /"{1,2}([^"\n]{1,200})"{1,2}|“([^”\n]{1,200})”|«([^»\n]{1,200})»/g;

/** What stands between quotation marks, lower case: a title or a word that is spoken about. */
export const quotedOf = (turn: string): readonly string[] =>
  [...turn.matchAll(QUOTED)]
    .map(([, plain, curly, angled]) => (plain ?? curly ?? angled ?? "").trim().toLowerCase())
    .sort();
