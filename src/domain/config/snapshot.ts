/**
 * Decides: what one version of the configuration means, worked out once when it is loaded.
 * Never: changes; a new version is a new snapshot, and a request keeps the one it began with.
 */
import type { Target } from "../target.ts";
import type { Config, Policy } from "./schema.ts";
import { type ModelTable, targetsOf } from "./targets.ts";

export type Snapshot = {
  /** Counts up from 1; 0 is the document shipped with the code. */
  readonly version: number;
  readonly config: Config;
  readonly targets: ReadonlyMap<string, Target>;
  /** The model or route of a request that names none. */
  readonly defaultModel: string | undefined;
  /** Stands above every organisation. */
  readonly policy: Policy;
  /** What is tried after a model or route, in order: its own chain, else that of `*`. Never itself. */
  readonly fallbacksFor: (name: string) => readonly string[];
  /** Some route goes by how hard a task is: what judges that has to be at hand. */
  readonly judgesTasks: boolean;
};

type Compiling = {
  readonly version: number;
  readonly table: ModelTable;
};

function chains(config: Config): Snapshot["fallbacksFor"] {
  const own = new Map(Object.entries(config.fallbacks ?? {}));
  const others = own.get("*") ?? [];
  own.delete("*");
  return (name) => own.get(name) ?? others.filter((next) => next !== name);
}

/** A validated configuration, ready to be asked. */
export function compile(config: Config, { version, table }: Compiling): Snapshot {
  return {
    version,
    config,
    targets: targetsOf(config, table),
    defaultModel: config.default_model,
    policy: config.policy ?? {},
    fallbacksFor: chains(config),
    judgesTasks: Object.values(config.routes ?? {}).some(
      ({ strategy }) => strategy === "complexity",
    ),
  };
}
