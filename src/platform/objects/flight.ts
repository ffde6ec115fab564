/**
 * Decides: nothing: the place where an answer that is given in one isolate is told to those in others that ask the
 * same at the same time. One object for each request that goes ahead and that somebody follows.
 * Never: asks a provider, writes anything down, or holds more than flight-log.ts does.
 */
import { DurableObject } from "cloudflare:workers";
import type {
  FlightLog,
  FlightMore,
  FlightPiece,
  FlightTold,
} from "../../policy/cache/flight-log.ts";
import type { FlightCalls } from "./flight-calls.ts";

export class FlightObject extends DurableObject<Env> implements FlightCalls {
  private readonly log: Promise<FlightLog>;
  /** Wake those who wait. */
  private waiting = new Set<() => void>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.log = ctx.blockConcurrencyWhile(async () => {
      const { createFlightLog } = await import("../../policy/cache/flight-log.ts");
      return createFlightLog(Date.now());
    });
  }

  async tell(piece: FlightPiece): Promise<FlightTold> {
    const told = (await this.log).tell(piece, Date.now());
    const { waiting } = this;
    this.waiting = new Set();
    for (const wake of waiting) wake();
    return told;
  }

  async more(from: number, hasHead: boolean, waitMs: number): Promise<FlightMore> {
    const log = await this.log;
    log.asked(Date.now());
    const until = Date.now() + waitMs;
    for (let left = waitMs; left > 0 && !log.hasMore(from, hasHead); left = until - Date.now()) {
      await this.stirred(left);
    }
    return log.more(from, Date.now());
  }

  private async stirred(ms: number): Promise<void> {
    let stop = (): void => {};
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.waiting.add(resolve);
      stop = () => {
        clearTimeout(timer);
        this.waiting.delete(resolve);
      };
    });
    stop();
  }
}
