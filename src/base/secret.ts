/**
 * Decides: that a secret cannot be printed by accident.
 * Never: says what it holds unless asked with `reveal`, which only dispatch and verification call.
 */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself. The one call that a reviewer has to look for. */
  reveal(): string {
    return this.#value;
  }
  toString(): never {
    throw new Error("a secret must not be turned into text");
  }
  toJSON(): never {
    throw new Error("a secret must not be serialised");
  }
}
