/**
 * Decides: whether a turn touches harm, so that the smallest difference to another one counts.
 * Never: judges the caller or refuses a request; it only keeps an answer from being given twice.
 */
import type { Word } from "./words.ts";

/** Stems. How to kill a process and how to kill a person are near in words, and in nothing else. */
const STEMS: ReadonlySet<string> = new Set(
  `
  kill murder assassinat bomb attack assault steal stol theft rob robberi burgl shoot shot shooter shooting stab
  poison explod explosi explosiv blow blew blast drug cocain meth heroin ecstasi crack weed weapon gun knif rifl
  bullet ammunition suicid hurt hit beat punch knockout strangl chok suffocat drown rap rapist abus molest pedophil
  pedophilia incest kidnap abduct hostag blackmail extort hack crush smash destroi wip execut execution terminat
  eliminat annihilat exterminat eradicat decimat liquidat massacr genocid holocaust auschwitz nazi hitler
  cleans slaveri slav enslav racist racial slash sever cut slit gut butcher slaughter skin pierc snip sniper hunt
  threaten tortur burn arson arsonist ignit dead death die di dying harm violenc violent fight fought slap whip kick
  crim criminal illegal illegalli launder fraud scam counterfeit forg fak deceiv manipulat stalk harass bulli spi
  overpower overdos dispos trap trick cheat sabotag vandaliz demolish wreck ruin axe terrorist terror terrorism isis
  invad invasion war conquer overthrow exploit malwar virus ransomwar phish ddos breach smuggl traffick
  prostitut escort nud corps cannibal cartel mafia gang riot lynch hang hijack crash infect addict
  `
    .split(/\s+/)
    .filter((stem) => stem !== ""),
);

export const isSensitive = (words: readonly Word[]): boolean =>
  words.some(({ stem, text }) => STEMS.has(stem) || STEMS.has(text));
