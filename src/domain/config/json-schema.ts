/**
 * Decides: how the configuration's schema reads as JSON Schema (draft 2020-12), for editors.
 * Never: holds what JSON Schema cannot say: that names exist, and that numbers are in order.
 */
import * as z from "zod";
import { ConfigSchema } from "./schema.ts";

/** Made on demand: nobody who serves a request needs it, and as a file it would be larger. */
export const jsonSchema = (): Record<string, unknown> => ({
  title: "Headgate configuration",
  ...z.toJSONSchema(ConfigSchema, { io: "input" }),
});
