/**
 * Decides: what isolates and a flight's object say to each other. All of it may be repeated.
 * Never: carries what a tenant asked, only what it is being answered.
 */
import type { FlightMore, FlightPiece, FlightTold } from "../../policy/cache/flight-log.ts";

export type FlightCalls = {
  /** `have` below what was told: begin there. */
  tell(piece: FlightPiece): Promise<FlightTold>;
  /** Waits for at most `waitMs` until there is more than these bytes, and the head where he has none. */
  more(from: number, hasHead: boolean, waitMs: number): Promise<FlightMore>;
};
