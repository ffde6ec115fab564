/**
 * Decides: whether the number of keys and models changes what a request costs.
 * Never: measures the first use of a key; both gateways are warm.
 */
import { startGateway } from "../test/support/gateway.ts";
import { configuration, GATEWAY, type Lab, request } from "./lab.ts";
import { medianOf, rate, SECONDS } from "./measure.ts";
import { pin } from "./process.ts";

const KEYS = 10_000;
const MODELS = 1_000;
const PARALLEL = 32;
const ROUNDS = 3;

/** Requests a second of a gateway with many keys and models, over those of the lab's with one of each. */
export const measureScale = async (lab: Lab): Promise<readonly number[]> => {
  const models = ["whole", ...Array.from({ length: MODELS - 1 }, (_, index) => `whole-${index}`)];
  const large = await startGateway(GATEWAY);
  try {
    pin(large.pid, "measured");
    // Without limits on either side: what is compared is the number of keys and models.
    await lab.full.makeOrg("plain");
    const smallKey = await lab.full.makeKey("plain");
    await large.putConfig(configuration(lab.upstreamUrl, models, ["openai"]));
    await large.makeOrg("bench");
    const keys = await makeKeys(() => large.makeKey("bench"));
    const many = keys.map((key, index) =>
      request(large.url, "full", { model: models[index % models.length] ?? "whole" }, { key }),
    );
    const one = [request(lab.full.url, "full", { model: "whole" }, { key: smallKey })];
    await lab.loadWorker(large, many, { connections: PARALLEL, count: 2 * KEYS });
    const shape = { connections: PARALLEL, seconds: SECONDS };
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const small = rate(await lab.loadWorker(lab.full, one, shape));
      // Each round takes up where keys have not been used just now.
      const from = Math.floor((round * KEYS) / ROUNDS);
      const turned = [...many.slice(from), ...many.slice(0, from)];
      ratios.push(rate(await lab.loadWorker(large, turned, shape)) / small);
    }
    return [medianOf(ratios)];
  } finally {
    await large.dispose();
  }
};

const makeKeys = async (make: () => Promise<string>): Promise<string[]> => {
  const keys: string[] = [];
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun++ < KEYS) keys.push(await make());
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return keys;
};
