/**
 * Decides: what is known of a provider's error body once its dialect has read it.
 * Never: is shown to a caller: its words are the provider's.
 */

/** In the provider's own names; undefined where it says nothing. */
export type UpstreamError = {
  readonly type: string | undefined;
  readonly code: string | undefined;
  /** The field that it complains of. */
  readonly param: string | undefined;
  readonly message: string;
};
