/**
 * Decides: whether a question is a closed one – with choices to tick, or a sum told as a story.
 * Never: says whether it is hard.
 */
export type Shape = "open" | "choices" | "story";

const CHOICE = /^\s*\(?[A-E][.):]\s/gm;
const AMOUNT = /\b(?:how (?:many|much|long|far|old|tall|fast)|what|calculate|find)\b/i;
const NUMBER =
  /\d+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|fifty|hundred|half|twice|third|quarter|double)\b/gi;
const PROGRAM = /[{}`;]|=>|==/;

/** Characters. Longer texts are no examination questions, and longer stories no sums. */
const LONGEST = { choices: 12_000, story: 1_500 } as const;

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** At least three numbers told in sentences, and an amount asked for. */
const isStory = (text: string): boolean =>
  text.length <= LONGEST.story &&
  count(text, NUMBER) >= 3 &&
  count(text, /[.,?!]\s/g) >= 1 &&
  AMOUNT.test(text) &&
  !PROGRAM.test(text);

export const shapeOf = (text: string): Shape => {
  if (text.length <= LONGEST.choices && count(text, CHOICE) >= 3) return "choices";
  return isStory(text) ? "story" : "open";
};
