/**
 * Decides: how a stream written by hand after a provider's documentation is read for a test.
 * Never: parses anything but complete, LF-only frames.
 */
import { readFileSync } from "node:fs";
import type { Dialect } from "../../src/dialects/dialect.ts";
import type { ChatEvent } from "../../src/domain/event.ts";
import { decodeFrames } from "../laws/dialects-streamed.ts";

export const fixtureEvents = (dialect: Dialect, file: string): ChatEvent[] =>
  decodeFrames(
    dialect,
    readFileSync(`${import.meta.dirname}/../fixtures/${dialect.name}/${file}`, "utf8"),
  );
