/**
 * Decides: how facts become one line of a log, whatever a caller or a provider put into them.
 * Never: writes a character that a terminal or a reader of lines would obey. (faults.md F75)
 */

/** JSON in printable ASCII: what JSON leaves as it is beyond that, a terminal may take for an order. */
export const logLine = (facts: object): string =>
  JSON.stringify(facts).replace(/[^\x20-\x7e]/g, escapeCharacter);

const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
