import { defineConfig } from "vitest/config";

/** Where a report is wanted as JSON beside the usual one. */
const report = process.env["TEST_REPORT"];

const CRANE = "test/cosign/crane.test.ts";

export default defineConfig({
  test: {
    setupFiles: ["test/setup.ts"],
    // The end-to-end tests build with Nix and run containers.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      // Neither root nor Nix. The files of a worker share modules, which takes a third off the time.
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/{cosign,daemon,e2e,editors,programs}/**"],
          isolate: false,
        },
      },
      // Nix, skopeo and podman, of each suite.
      { extends: true, test: { name: "e2e", include: ["test/e2e/**/*.test.ts"] } },
      // cosign and oras, of trixie and sid.
      { extends: true, test: { name: "cosign", include: ["test/cosign/**/*.test.ts"], exclude: [CRANE] } },
      // crane, of sid.
      { extends: true, test: { name: "crane", include: [CRANE] } },
      // Editors, shells, a browser, Docker and npm, on Debian 12 only.
      { extends: true, test: { name: "programs", include: ["test/programs/**/*.test.ts"] } },
      // Current editors, in a root folder of their own.
      { extends: true, test: { name: "editors", include: ["test/editors/**/*.test.ts"] } },
      // Nix through a daemon that does not trust the user, of trixie and sid.
      { extends: true, test: { name: "daemon", include: ["test/daemon/**/*.test.ts"] } },
    ],
    ...(report === undefined ? {} : { reporters: ["default", "json"], outputFile: { json: report } }),
  },
});
