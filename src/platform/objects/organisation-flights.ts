/**
 * Decides: how isolates learn from an organisation's object who of several equal requests goes ahead.
 * Never: writes anything down – a new object knows of nobody, and who goes ahead says so again within a second –
 * or loads what it decides with before the first request that may be shared.
 */
import { DurableObject } from "cloudflare:workers";
import type { Board, Seen } from "../../policy/cache/board.ts";
import type { AdmitAnswer, AdmitCall, EndCall } from "./organisation-calls.ts";

/** A request that goes ahead: its id, and the name that it shares with its equals. */
export type Sign = { readonly id: string; readonly name: string };

export type FlightBoardCalls = {
  /** Signs of life, and what has become of each. */
  flightsSeen(signs: readonly Sign[]): Promise<readonly Seen[]>;
  /** The id of the one that goes ahead, now that `without` is lost: another's, or the one's that asks. */
  flightMeet(name: string, id: string, without: string | undefined): Promise<string>;
};

export abstract class FlightBoardObject extends DurableObject<Env> implements FlightBoardCalls {
  protected board: Board | undefined;

  async flightsSeen(signs: readonly Sign[]): Promise<readonly Seen[]> {
    const board = await this.loadBoard();
    return signs.map(({ name, id }) => board.seen(name, id, Date.now()));
  }

  async flightMeet(name: string, id: string, without: string | undefined): Promise<string> {
    return (await this.loadBoard()).meet(name, id, without, Date.now());
  }

  /** Those of the ended requests on whose answers somebody elsewhere relies; undefined: nobody does. */
  protected reliedOn(ends: readonly EndCall[]): readonly string[] | undefined {
    const ids = this.board?.ended(ends.map(({ id }) => id)) ?? [];
    return ids.length === 0 ? undefined : ids;
  }

  /** What `ask` brings, and who relies on the ends that came along. */
  protected async boarded(
    { admission }: AdmitCall,
    ends: readonly EndCall[],
    ask: () => Promise<AdmitAnswer>,
  ): Promise<AdmitAnswer> {
    if (admission.flight !== undefined && this.board === undefined) await this.loadBoard();
    // First: whoever asks with the end of another does not follow that one any more.
    const relied = ends.length === 0 ? undefined : this.reliedOn(ends);
    const answer = await ask();
    return relied === undefined ? answer : { ...answer, relied };
  }

  private async loadBoard(): Promise<Board> {
    const { createBoard } = await import("../../policy/cache/board.ts");
    this.board ??= createBoard();
    return this.board;
  }
}
