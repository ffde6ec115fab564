/**
 * Decides: what a tag is, by which a request's cost is attributed: `project` of `project=search`, and `search`.
 * Never: says whose word counts. Apart from config/names.ts because requests need it, and need no schema.
 */

/** The most that one request, or one key, has. */
export const MOST_TAGS = 8;

export const TAG_KEY = /^[a-z0-9_]{1,32}$/;

/** One line of any script. Half a surrogate pair would come back as another character. */
export const TAG_VALUE = /^[^\p{Cc}\p{Cs}]{1,64}$/u;
