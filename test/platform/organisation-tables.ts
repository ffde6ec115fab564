/**
 * Decides: nothing: shows all that an object has stored.
 * Never: leaves a table out, whichever it has.
 */
import { runInDurableObject } from "cloudflare:test";
import type { World } from "./organisation-world.ts";

/** Every table of an object, as text. */
export const tablesOf = (object: World["object"]): Promise<string> =>
  runInDurableObject(object, (_, { storage: { sql } }) => {
    const names = sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .toArray()
      .map(({ name }) => name)
      .filter((name) => !name.startsWith("_cf") && !name.startsWith("sqlite"));
    return JSON.stringify(
      names.map((name) => [name, sql.exec(`SELECT * FROM ${name} ORDER BY 1, 2`).toArray()]),
    );
  });
