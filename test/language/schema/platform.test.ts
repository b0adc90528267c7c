import { expect, test } from "vitest";
import { check } from "../../../src/language/index.ts";

const host = { exists: () => true, read: () => undefined };

/** The codes of the diagnostics of an image for a platform, with the text of their fixes. */
function diagnosticsFor(platform: string): string[] {
  const { diagnostics } = check({ path: "/a.imgspec", text: `image "a" { platforms [ ${platform} ] }` }, host);
  return diagnostics.map(({ code, fix }) => `${code} ${fix?.edits[0]?.text ?? ""}`.trim());
}

test.each(["linux/amd64", "linux/386", "linux/arm64", "linux/arm/v5", "linux/riscv64", "linux/s390x", "linux/ppc64le"])(
  "%s is a platform",
  (platform) => expect(diagnosticsFor(platform)).toEqual([]),
);

test.each([
  ["linux/x86_64", "linux/amd64"],
  ["linux/amd64/v3", "linux/amd64"],
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/aarch64", "linux/arm64"],
  ["linux/arm", "linux/arm/v7"],
  ["linux/i686", "linux/386"],
  ["linux/i386", "linux/386"],
  ["linux/riscv65", "linux/riscv64"],
  ["x86_64-linux", "linux/amd64"],
  ["amd64", "linux/amd64"],
  ["windows/amd64", ""],
  ["darwin/arm64", ""],
])("%s is not a platform; `%s` is suggested", (platform, meant) =>
  expect(diagnosticsFor(platform)).toEqual([`unknown-word ${meant}`.trim()]),
);

test.each(["SIGTERM", "TERM", "sigint", "15", "SIGRTMIN+3", "SIGRTMAX-1"])("%s is a signal", (signal) => {
  const { diagnostics } = check({ path: "/a.imgspec", text: `image "a" { config { stop-signal "${signal}" } }` }, host);
  expect(diagnostics).toEqual([]);
});

test.each([
  ["SIGFOO", undefined],
  ["SIGTREM", '"SIGTERM"'],
  ["TRM", '"SIGTERM"'],
  ["0", undefined],
  ["65", undefined],
  ["SIGRTMIN+16", undefined],
])("%s is not a signal; %s is suggested", (signal, meant) => {
  const { diagnostics } = check({ path: "/a.imgspec", text: `image "a" { config { stop-signal "${signal}" } }` }, host);
  expect(diagnostics).toMatchObject([{ code: "bad-signal" }]);
  if (meant !== undefined) expect(diagnostics[0]?.fix?.edits[0]?.text).toBe(meant);
});
