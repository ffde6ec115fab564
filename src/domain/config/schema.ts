/**
 * Decides: which configuration documents are valid (config.md as code).
 * Never: looks at the environment; whether a secret is set is for the platform to say.
 */
export type Policy = Record<string, unknown>;
export type Config = Record<string, unknown>;
