/**
 * Decides: under which name a rule's count is kept, but for whom it counts, and in which whole number.
 * Never: has a rule's maximum in the name: editing it keeps the count.
 */
import type { Policy } from "../../domain/config/schema.ts";
import type { LimitRule } from "../../domain/limit.ts";
import { hash32 } from "../routing/stable-hash.ts";

type When = NonNullable<Policy["limits"]>["rules"][number]["when"];

/** Characters up to which a condition stands in the name as it is; beyond it, as its digest. */
const READABLE = 48;

/** 96 bits: two conditions of one policy that share them are not met by accident. */
const digest = (text: string): string =>
  ["a", "b", "c"].map((salt) => hash32(`${salt}${text}`).toString(36)).join(".");

/** None of it has a `|`, a `#` or a space in it: names are patterns, words and flags (config/names.ts). */
const condition = (when: When): string => {
  if (when === undefined) return "";
  const { stream, models, endpoints } = when;
  const parts = [
    stream === undefined ? "" : stream ? "stream" : "whole",
    models === undefined ? "" : `[${[...new Set(models)].sort().join(",")}]`,
    endpoints === undefined ? "" : `(${[...new Set(endpoints)].sort().join(",")})`,
  ];
  const text = parts.join("");
  if (text === "") return "";
  return text.length <= READABLE ? `?${text}` : `?=${digest(text)}`;
};

/** `team/key/tokens/sliding/minute`, with a time zone where it is not UTC, and with its condition. */
export const ruleName = (
  place: string,
  { level, unit, kind, per, timezone, store }: Omit<LimitRule, "id" | "subject">,
  when: When,
): string => {
  const words = [place, level, unit, kind, per ?? ""];
  if (kind === "calendar" && timezone !== "UTC") words.push(`@${timezone}`);
  if (store === "upstash") words.push("upstash");
  return words.join("/") + condition(when);
};
