/**
 * Decides: what a key looks like: `hg_live_` tenant(8) id(8) secret(32) `_` tag(8).
 * Never: judges a key. The tag is a MAC over all before it; the platform makes and checks it.
 */

/** Published for secret scanners and log redactors; matches a key anywhere in a text. */
export const API_KEY_PATTERN = /\bhg_live_[0-9a-z]{16}[0-9A-Za-z]{32}_[0-9A-Za-z]{8}\b/;

/** Stands where an organisation's alias would in the keys of admins, who belong to none. */
export const ADMIN_TENANT = "00000000";

export const SECRET_LENGTH = 32;
export const ID_LENGTH = 8;
export const TAG_LENGTH = 8;

const PREFIX = "hg_live_";
const WHOLE = new RegExp(`^${API_KEY_PATTERN.source}$`);
const TENANT = PREFIX.length;
const ID = TENANT + ID_LENGTH;
const SECRET = ID + ID_LENGTH;
const END = SECRET + SECRET_LENGTH;

export type KeyParts = {
  /** The organisation's alias, or ADMIN_TENANT. */
  readonly tenant: string;
  readonly id: string;
  readonly secret: string;
};

export type ApiKey = KeyParts & {
  /** What the tag vouches for: everything before its underscore. */
  readonly signed: string;
  readonly tag: string;
};

/** The part of a key that its tag is made over. */
export const signedPart = ({ tenant, id, secret }: KeyParts): string =>
  `${PREFIX}${tenant}${id}${secret}`;

export const formatApiKey = (parts: KeyParts, tag: string): string => `${signedPart(parts)}_${tag}`;

/** The parts of a key; undefined for a text that is not of this form, however long it is. */
export function parseApiKey(text: string): ApiKey | undefined {
  if (!WHOLE.test(text)) return undefined;
  return {
    tenant: text.slice(TENANT, ID),
    id: text.slice(ID, SECRET),
    secret: text.slice(SECRET, END),
    signed: text.slice(0, END),
    tag: text.slice(END + 1),
  };
}
