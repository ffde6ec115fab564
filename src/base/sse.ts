/**
 * Decides: where one Server-Sent Event ends and the next begins, and what it says.
 * Never: knows what the data means. (WHATWG HTML, section 9.2.)
 */

/** One event as it came: its bytes include the blank line that ends it. */
export type Frame = { readonly bytes: Uint8Array };

export type SseEvent = {
  /** The event's name; "" where none was given. */
  readonly event: string;
  /** The data lines joined by LF. */
  readonly data: string;
};
