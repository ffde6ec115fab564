/**
 * Decides: whether a client floods the gateway, before anybody looks at its key: so many requests a minute
 * from one address with one key.
 * Never: stands in the way when Redis does not answer: the flood's victims would be all others.
 */
import type { Clock } from "../base/clock.ts";
import { type ApiKey, parseApiKey } from "../domain/api-key.ts";
import type { Incidents } from "./incidents.ts";
import type { ShieldWindow } from "./shield-window.ts";
import type { Upstash } from "./upstash-client.ts";

export type Shield = {
  /** Requests a minute. */
  readonly limit: number;
  /**
   * Milliseconds until the client may come back; undefined: it may go on. `address`: the client's IP as the
   * edge says it; `token`: the one that the request carries, well-formed or not.
   */
  check(address: string | undefined, token: string | undefined): Promise<number | undefined>;
};

export type ShieldParts = {
  readonly redis: Upstash;
  readonly perMinute: number;
  /** Whether a key's tag is ours. */
  readonly genuine: (key: ApiKey) => Promise<boolean>;
  readonly clock: Clock;
  readonly incidents: Incidents;
};

const IPV6_NETWORK_GROUPS = 4;

/** An IPv6 client owns a whole /64 and may take another address for every request. */
export const networkOf = (address: string | undefined): string => {
  if (address === undefined) return "local";
  if (!address.includes(":")) return address;
  const [before = "", after] = address.toLowerCase().split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const zeros = after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array<string>(zeros).fill("0"), ...tail];
  const network = groups.slice(0, IPV6_NETWORK_GROUPS);
  return `${network.map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
};

export const createShield = (parts: ShieldParts): Shield => {
  const { redis, perMinute, genuine, clock, incidents } = parts;
  let window: ShieldWindow | undefined;
  /** Nobody waits for what another request loads: that one may be gone, or have failed. */
  const loadWindow = async (): Promise<ShieldWindow> => {
    const { createShieldWindow } = await import("./shield-window.ts");
    window ??= createShieldWindow(redis, perMinute);
    return window;
  };

  /**
   * The public part of a key that is ours. Whatever else a client sends counts together: a flood that made up
   * a key for each request would otherwise never be counted twice.
   */
  const holderOf = async (token: string | undefined): Promise<string> => {
    const key = token === undefined ? undefined : parseApiKey(token);
    if (key === undefined || !(await genuine(key))) return "none";
    return `hg_live_${key.tenant}${key.id}`;
  };

  return {
    limit: perMinute,
    check: async (address, token) => {
      try {
        const who = `${networkOf(address)}|${await holderOf(token)}`;
        const answer = await (window ?? (await loadWindow())).count(who);
        if (!answer.blocked) return undefined;
        // At `until` itself the window before still counts whole; a millisecond later it does not.
        return Math.max(answer.until - clock.now(), 0) + 1;
      } catch (error) {
        incidents.note("shield.open", `upstash: ${error instanceof Error ? error.message : "?"}`);
        return undefined;
      }
    },
  };
};
