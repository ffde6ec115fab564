/**
 * Decides: which characters the names in a configuration are made of.
 * Never: says whether the thing with that name exists; that is references.ts.
 */
import * as z from "zod";
import { TAG_KEY } from "../tag.ts";
import { EMBEDDED } from "./defaults.ts";
import { OWN_SECRETS } from "./own-secrets.ts";

/** Words that stand where a model's name may stand and mean something else there. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(["none", EMBEDDED]);

// No `#`, `?`, `@`, `%`, `\` or white space, no `..` and no `//`: a name may end up in a path, a
// header, a log line or a key of the store, and means the same everywhere.
const NAME = /^(?!.*(?:\.\.|\/\/))[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/;
const UPSTREAM = /^(?!.*(?:\.\.|\/\/))@?[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
const PATTERN = /^(?!.*(?:\.\.|\/\/))[A-Za-z0-9*][A-Za-z0-9._:/*-]{0,63}$/;
const SECRET = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** What callers and other sections say: `gpt-4o-mini`, `anthropic/claude-3.5`, `llama3:8b`. */
export const Name = z
  .string()
  .regex(
    NAME,
    "a name has 1 to 64 of the characters A-Z a-z 0-9 . _ : / -, begins with a letter or digit, and has no `..` and no `//`",
  );

export const NameList = z.lazy(() => z.array(Name).min(1).max(100));

/** A name as the provider writes it: longer, and `@cf/…` for Workers AI. */
export const UpstreamName = z
  .string()
  .regex(
    UPSTREAM,
    "an upstream name has 1 to 128 of the characters A-Z a-z 0-9 . _ : / -, may begin with one @, and has no `..` and no `//`",
  );

/** A name, exact or with `*` for any run of characters; `*` alone is all. */
export const Pattern = z
  .string()
  .regex(PATTERN, "a pattern is a name in which `*` stands for any run of characters");

export const TagKey = z
  .string()
  .regex(TAG_KEY, "a tag's key has 1 to 32 of the characters a-z 0-9 _");

/** The name of an environment secret. The value never stands in a configuration. */
export const SecretRef = z.lazy(() =>
  z.strictObject({
    secret: z
      .string()
      .regex(
        SECRET,
        "a secret's name has 1 to 64 of the characters A-Z a-z 0-9 _ and no digit first",
      )
      .refine(
        (name) => !OWN_SECRETS.has(name),
        "this secret is the gateway's own and cannot be referred to",
      ),
  }),
);
