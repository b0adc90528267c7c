import { expect, test } from "vitest";
import { isSignatureRecorded, signedDigests, type PinnedBase } from "../../src/lock/pins.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const image = (manifest: string) => ({ manifest: digest(manifest), config: digest("c"), layers: [] });
const base: PinnedBase = { digest: digest("a"), platforms: { "linux/amd64": image("b"), "linux/arm64": image("d") } };

test("a recorded signature is that of one key, for the digests that were pinned then", () => {
  const signed = { ...base, signedBy: { [digest("1")]: signedDigests(base) } };
  expect(isSignatureRecorded(base, digest("1"))).toBe(false);
  expect(isSignatureRecorded(signed, digest("1"))).toBe(true);
  expect(isSignatureRecorded(signed, digest("2"))).toBe(false);
  expect(isSignatureRecorded({ ...signed, digest: digest("e") }, digest("1"))).toBe(false);
  const changed = { ...signed.platforms, "linux/arm64": image("e") };
  expect(isSignatureRecorded({ ...signed, platforms: changed }, digest("1"))).toBe(false);
  const fewer = { "linux/amd64": image("b") };
  expect(isSignatureRecorded({ ...signed, platforms: fewer }, digest("1"))).toBe(true);
});
