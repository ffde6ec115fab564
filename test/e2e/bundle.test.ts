import { describe, expect, it } from "vitest";
import { type BundleModule, bundle, gzippedSize, startCode } from "../support/bundle.ts";

/** Bytes, each module gzipped by itself. */
const MOST = 150_000;

const textOf = (modules: readonly BundleModule[]): string =>
  modules.map(({ contents }) => new TextDecoder().decode(contents)).join("\n");

describe("the deployable bundle", () => {
  it("loads at most 150 kB of gzipped code at the start of an isolate", async () => {
    const bytes = gzippedSize(startCode(await bundle()));
    const advice =
      `An isolate loads ${bytes} bytes of gzipped code at its start; ${MOST} is the most. Put what few requests ` +
      "need behind a dynamic import(), as src/http/app.ts does, or take less of a library " +
      "(docs/decisions/0016-what-loads-at-the-start.md says how to see what is in it).";
    expect(bytes, advice).toBeLessThanOrEqual(MOST);
  });

  it("leaves schemas, the admin plane and Redis' library until they are needed", async () => {
    const built = await bundle();
    const start = startCode(built);
    const code = built.modules.filter(({ type }) => type === "ESModule");
    const later = textOf(code.filter((one) => !start.includes(one)));
    for (const word of ["ZodObject", "/admin/v1/orgs", "@upstash/ratelimit"]) {
      expect(later, word).toContain(word);
      expect(textOf(start), word).not.toContain(word);
    }
  });

  it("keeps fitted weights and token ranks in data modules", async () => {
    const { modules } = await bundle();
    const named = (name: RegExp, type: string): readonly BundleModule[] =>
      modules.filter((one) => name.test(one.path) && one.type === type);
    expect(named(/^weights\.json-.*\.txt$/, "Text").length).toBeGreaterThan(0);
    expect(named(/-base-.*\.bin$/, "Data")).toHaveLength(2);
  });
});
