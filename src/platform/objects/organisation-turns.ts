/**
 * Decides: which questions are decided and written in one turn: the first at once, and all that come while its
 * writing is under way together after it. One writing for many is what makes a busy object fast.
 * Never: lets a question wait while nothing is being written, and never decides about one itself.
 */

type Waiting<Ask, Answer> = {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (fault: unknown) => void;
};

export type TurnParts<Ask, Answer> = {
  /** Decides and writes without waiting; an answer each, in their order. */
  readonly decide: (asks: readonly Ask[]) => readonly Answer[];
  /** Resolves when all that was decided is written. */
  readonly written: () => Promise<unknown>;
};

/** A question that makes `decide` throw fails alone. */
export const createTurns = <Ask, Answer>({
  decide,
  written,
}: TurnParts<Ask, Answer>): ((ask: Ask) => Promise<Answer>) => {
  let waiting: Waiting<Ask, Answer>[] = [];
  let isWriting = false;

  const settle = (all: readonly Waiting<Ask, Answer>[]): void => {
    try {
      const answers = decide(all.map(({ ask }) => ask));
      for (const [at, { resolve }] of all.entries()) resolve(answers[at] as Answer);
    } catch (fault) {
      if (all.length === 1) all[0]?.reject(fault);
      else for (const each of all) settle([each]);
    }
  };

  const run = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const all = waiting;
      waiting = [];
      settle(all);
      // What cannot be written ends the object, and with it everybody who waits for its answer.
      await written().catch(() => undefined);
    }
    isWriting = false;
  };

  return (ask) =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject });
      if (!isWriting) void run();
    });
};
