/**
 * Decides: which kinds of call to a model there are; each has a door of its own.
 * Never: what a call looks like; that is the dialect.
 */
export type Endpoint = "chat" | "messages" | "embeddings" | "count_tokens";
