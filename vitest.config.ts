import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const PLAIN = ["base", "domain", "dialects", "policy", "providers", "pipeline", "laws", "data"];

// Three projects: pure rooms in plain Node, platform and http inside workerd, whole journeys over sockets.
export default defineConfig({
  test: {
    // One less than there are cores is the default: on two cores everything would stand in one line. Files of
    // the end-to-end tests have a gateway and an upstream each, and mostly wait for them.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "plain",
          environment: "node",
          include: PLAIN.map((room) => `test/${room}/**/*.test.ts`),
          testTimeout: 60_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            remoteBindings: false,
            miniflare: {
              bindings: {
                ADMIN_TOKEN: "test-admin-token",
                KEY_PEPPER: "test-pepper",
                MASTER_KEY: "dGVzdC1tYXN0ZXIta2V5LXRlc3QtbWFzdGVyLWtleSE=",
                ALLOW_PRIVATE_UPSTREAMS: "true",
              },
            },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/platform/**/*.test.ts", "test/http/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          environment: "node",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/build-once.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
