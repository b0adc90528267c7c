import { defineConfig } from "vitest/config";

/** Where a report is wanted as JSON beside the usual one. */
const report = process.env["TEST_REPORT"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    // The end-to-end tests build with Nix and run containers.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    ...(report === undefined ? {} : { reporters: ["default", "json"], outputFile: { json: report } }),
  },
});
