import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The end-to-end tests build with Nix and run containers.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
