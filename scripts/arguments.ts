/**
 * Decides: how a command reads its arguments: `--help` prints its usage, what it does not know gets a sentence.
 * Never: starts anything for a mistyped argument.
 */
import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Known extends Options> = ReturnType<
  typeof parseArgs<{ readonly options: Known }>
>["values"];

/** Ends the process with code 2: why, where there is more to say than the usage, and the usage. */
export const refuse = (usage: string, why = ""): never => {
  console.error(why === "" ? usage : `${why}\n\n${usage}`);
  process.exit(2);
};

export const asksForHelp = (args: readonly string[]): boolean =>
  args.includes("--help") || args.includes("-h");

/** What the arguments say of `options`; where they ask for help, or say anything else, the process ends here. */
export const readArguments = <Known extends Options>(
  usage: string,
  options: Known,
): Values<Known> => {
  if (asksForHelp(process.argv.slice(2))) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse(usage, error instanceof Error ? error.message : "");
  }
};
