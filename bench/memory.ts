/**
 * Decides: what open streams cost in memory.
 * Never: takes for their cost what earlier rows have left behind: both sides begin anew.
 */
import { type Side, startLab } from "./lab.ts";
import { residentBytes } from "./process.ts";

const STREAMS = { connections: 1000, hold: true };
const WARM_UP = { connections: 32, seconds: 1 };

/** Resident bytes of the gateway with a thousand open streams, over those of the floor. */
export const measureMemory = async (): Promise<readonly number[]> => {
  const lab = await startLab();
  const residentOf = async (side: Side): Promise<number> => {
    await lab.load(side, { model: "whole" }, WARM_UP);
    await lab.load(side, { model: "open", stream: true }, STREAMS);
    return residentBytes(lab.pidOf(side));
  };
  try {
    const floor = await residentOf("floor");
    return [(await residentOf("full")) / floor];
  } finally {
    await lab.dispose();
  }
};
