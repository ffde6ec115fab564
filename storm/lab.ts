/**
 * Decides: where the storm takes place: the served gateway, an upstream that does what the prompt orders, and a
 * pool of connections.
 * Never: judges.
 */
import { type CountingUpstream, startCountingUpstream } from "../test/support/counting-upstream.ts";
import { type Gateway, startGateway } from "../test/support/gateway.ts";
import { type Account, makeAccount, type Policies } from "./account.ts";
import { openSockets, type Sockets } from "./sockets.ts";

export type Lab = {
  readonly gateway: Gateway;
  readonly upstream: CountingUpstream;
  readonly sockets: Sockets;
  /** How many connections there are. */
  readonly width: number;
  account(policies?: Policies): Promise<Account>;
  dispose(): Promise<void>;
};

/** One line of the table. `ok` is undefined where a figure is only told. */
export type Finding = {
  readonly what: string;
  readonly expected: string;
  readonly measured: string;
  readonly ok: boolean | undefined;
};

/** The built-in provider counts a word as a token; here each has a price. */
const demo = {
  provider: "demo",
  price: { input: 1, output: 2 },
  context: 128_000,
  max_output: 16_384,
};

export const configFor = (upstream: Pick<CountingUpstream, "url">): object => ({
  providers: {
    demo: { kind: "demo" },
    counting: {
      kind: "openai",
      base_url: `${upstream.url}/v1`,
      api_key: { secret: "OPENAI_API_KEY" },
    },
  },
  models: {
    demo,
    counting: {
      provider: "counting",
      upstream: "gpt-4o",
      price: { input: 1, output: 2 },
      context: 128_000,
      max_output: 16_384,
    },
  },
});

export const startLab = async (width: number): Promise<Lab> => {
  const [upstream, gateway] = await Promise.all([
    startCountingUpstream(),
    startGateway({ secrets: { OPENAI_API_KEY: "sk-storm" } }),
  ]);
  await gateway.putConfig(configFor(upstream));
  const sockets = openSockets(gateway.url, width);
  return {
    gateway,
    upstream,
    sockets,
    width,
    account: (policies) => makeAccount(gateway, sockets, policies),
    dispose: async () => {
      sockets.close();
      await Promise.all([gateway.dispose(), upstream.dispose()]);
    },
  };
};
