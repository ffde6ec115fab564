/**
 * Decides: the one normal form of what a call consumed, whatever dialect reported it.
 * Never: guesses. A field that the provider did not report is absent; an explicit zero is zero.
 */

/**
 * All token counts are whole tokens.
 *
 * `input_tokens` is *fresh* input: what was neither read from nor written to the provider's prompt
 * cache (OpenAI: prompt_tokens − cached_tokens; Anthropic: input_tokens; Gemini: promptTokenCount +
 * toolUsePromptTokenCount − cachedContentTokenCount). The whole input is
 * input + cache_read + cache_write_5m + cache_write_1h.
 * `output_tokens` is everything generated, reasoning and audio included (Gemini:
 * candidatesTokenCount + thoughtsTokenCount).
 * `reasoning_tokens` and `audio_output_tokens` are parts of `output_tokens`;
 * `audio_input_tokens` is a part of `input_tokens`.
 */
export type Usage = {
  readonly input_tokens?: number;
  readonly cache_read_tokens?: number;
  readonly cache_write_5m_tokens?: number;
  readonly cache_write_1h_tokens?: number;
  readonly output_tokens?: number;
  readonly reasoning_tokens?: number;
  readonly audio_input_tokens?: number;
  readonly audio_output_tokens?: number;
  /** Images generated, or taken in where a provider bills them one by one. */
  readonly images?: number;
};

/** Everything that was read: fresh, cached and newly cached. Absent parts count as none. */
export const totalInput = (usage: Usage): number =>
  (usage.input_tokens ?? 0) +
  (usage.cache_read_tokens ?? 0) +
  (usage.cache_write_5m_tokens ?? 0) +
  (usage.cache_write_1h_tokens ?? 0);
