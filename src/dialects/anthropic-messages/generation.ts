/**
 * Decides: what a Claude model of a given name accepts; its generations differ in what they refuse.
 * Never: is asked about a request that stays in its dialect: the caller knows his model.
 */

export type Generation = {
  /** Thinks as much as it finds right, steered by an effort; older ones take a budget of tokens. */
  readonly adaptive: boolean;
  /** Takes temperature, top_p and top_k. */
  readonly sampling: boolean;
  /** Takes temperature and top_p in one request. */
  readonly twoSamplers: boolean;
  /** Takes `role: "system"` after a user's turn. */
  readonly systemTurns: boolean;
  /** Takes a JSON schema for its answer, and strict tools. */
  readonly structured: boolean;
};

// claude-sonnet-4-5-20250929, claude-opus-4-8, claude-fable-5; a date is not a minor version.
const NAMED = /claude-[a-z]+-(\d+)(?:[-.](\d))?(?!\d)/;
// claude-3-5-sonnet-20241022, claude-2.1
const NUMBERED = /claude-v?(\d)(?:[-.](\d))?(?!\d)/;

/** 4.5 → 405. Unknown Claude names are taken for new ones. */
const version = (model: string): number | undefined => {
  const match = NUMBERED.exec(model) ?? NAMED.exec(model);
  if (match !== null) return Number(match[1]) * 100 + Number(match[2] ?? 0);
  return model.includes("claude") ? Number.POSITIVE_INFINITY : undefined;
};

/** Other servers that speak this dialect take what Claude took when they copied it: budgets and samplers. */
const LOOK_ALIKE: Generation = {
  adaptive: false,
  sampling: true,
  twoSamplers: true,
  systemTurns: false,
  structured: true,
};

/** Whether it is Claude, wherever it runs, by its name. */
export const isClaude = (model: string): boolean => version(model) !== undefined;

export const generationOf = (model: string): Generation => {
  const claude = version(model);
  if (claude === undefined) return LOOK_ALIKE;
  return {
    adaptive: claude >= 406,
    sampling: claude < 407,
    twoSamplers: claude < 401,
    systemTurns: claude >= 408,
    structured: claude >= 401,
  };
};
