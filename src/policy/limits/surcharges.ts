/**
 * Decides: whether a body asks for something that costs more than the price table says, or makes a
 * provider do more than answer once (faults.md F87).
 * Never: knows by how much; a strict limit refuses what it cannot bound.
 */
import { isRecord } from "../../base/record.ts";
import type { DialectName } from "../../domain/dialect-name.ts";
import type { ProviderKind } from "../../domain/target.ts";

type Body = Record<string, unknown>;

/**
 * Tiers at the listed price or below it: OpenAI's auto, default and flex, Anthropic's auto and
 * standard_only, Groq's on_demand, Gemini's standard. OpenAI's priority, fast and ultrafast cost up to
 * several times as much; what is not known may, too. `auto` follows the provider project's own setting.
 */
const LISTED_TIERS: ReadonlySet<unknown> = new Set([
  ...["auto", "default", "flex", "standard", "standard_only", "on_demand"],
  // Gemini's REST API writes its enums so.
  ...["SERVICE_TIER_UNSPECIFIED", "STANDARD", "FLEX"],
]);

const isListed = (tier: unknown): boolean =>
  tier === undefined || tier === null || LISTED_TIERS.has(tier);

/** Anthropic: fast mode is 2 to 6 times the price, inference kept in the US 1.1 times. */
const ofAnthropic = ({ speed, inference_geo: place }: Body): boolean =>
  !(speed === undefined || speed === null || speed === "standard") ||
  !(place === undefined || place === null || place === "global");

const includesImages = (modalities: unknown): boolean =>
  Array.isArray(modalities) &&
  modalities.some((one) => typeof one === "string" && one.toLowerCase() === "image");

/** Pictures in the answer have prices of their own, by the piece or by tokens of another kind. */
const drawsImages = (body: Body): boolean => {
  const config = body["generationConfig"] ?? body["generation_config"];
  const fields = isRecord(config) ? config : {};
  return (
    includesImages(body["modalities"]) ||
    includesImages(fields["responseModalities"] ?? fields["response_modalities"])
  );
};

/**
 * Whether the listed price is no bound. Asked for targets of the body's own dialect: others are not told
 * of any of this. OpenRouter's `provider` picks among servers with prices of their own.
 */
export const costsMore = (dialect: DialectName, kind: ProviderKind, body: Body): boolean => {
  if (!isListed(body["service_tier"]) || !isListed(body["serviceTier"])) return true;
  if (dialect === "anthropic-messages" && ofAnthropic(body)) return true;
  if (kind === "openrouter" && isRecord(body["provider"])) return true;
  return drawsImages(body);
};

/** Models that draw without being asked to, by name: they cost like those that are. */
export const drawsByItself = (upstream: string): boolean => /image|dall-e/i.test(upstream);

/** Anthropic's compaction reads everything once more and writes a summary beyond the cap. */
export const doesMore = (body: Body): boolean => {
  const management = body["context_management"];
  const edits = isRecord(management) ? management["edits"] : undefined;
  if (edits === undefined || edits === null) return false;
  if (!Array.isArray(edits)) return true;
  return edits.some((edit) => !isRecord(edit) || !String(edit["type"]).startsWith("clear_"));
};
