/**
 * Decides: how another gateway that speaks OpenAI's chat is put into the rounds, beside the same floor.
 * Never: starts or configures it; whoever does says where it listens and what it wants to be told.
 */
import { type Lab, requestsOf, type Server } from "./lab.ts";
import { pin } from "./process.ts";

export type PeerOptions = {
  /** Up to and with `/v1`. */
  readonly url: string;
  /** `name: value`; `{upstream}` in one is the address of the mock upstream. */
  readonly headers: readonly string[];
  readonly key: string;
  /** Of its process, for the rows about CPU. */
  readonly pid: number | undefined;
};

/** The lab with the other gateway where ours was. */
export const withPeer = (lab: Lab, { url, headers, key, pid }: PeerOptions): Lab => {
  const { origin, pathname } = new URL(url);
  const server: Server = { url: origin, pid };
  if (pid !== undefined) pin(pid, "measured");
  const calling = {
    key,
    headers: headers.map((header) => header.replace("{upstream}", lab.upstreamUrl)),
    base: pathname.replace(/\/$/, ""),
  };
  return {
    ...lab,
    pidOf: (side) => (side === "floor" ? lab.floor.pid : pid),
    load: (side, ask, job) =>
      side === "floor"
        ? lab.load(side, ask, job)
        : // It knows the models by the names that the upstream has for them.
          lab.loadWorker(server, requestsOf(origin, "floor", ask, calling), job),
  };
};
