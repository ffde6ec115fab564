/**
 * Decides: which wire formats there are.
 * Never: what they look like; that is src/dialects.
 */
export type DialectName = "openai-chat" | "anthropic-messages" | "gemini";
