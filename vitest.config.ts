import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.long.test.ts"],
    globalSetup: "test/analyzer/install.ts",
    env: { TZ: "UTC" },
    // Half of the work is done by processes that the tests start.
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
