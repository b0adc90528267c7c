import { expect, test } from "vitest";
import { check } from "../../src/language/index.ts";
import { pinHints, referenceSettings, type Pins } from "../../src/lsp/outdated-pins.ts";

const FLAKE = "github:NixOS/nixpkgs/nixos-24.11";
const BASE = "registry.example.org/base:1";
const TEXT = `nixpkgs "${FLAKE}"
image "a" { base registry "${BASE}" }
image "b" { base registry "${BASE}" }
image "c" { base scratch }
`;

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const narHash = (letter: string) => `sha256-${letter.repeat(43)}=`;
const pins = (base: string, set: string): Pins => ({
  nixpkgs: { [FLAKE]: { fetch: "tarball", url: "https://example.org/set.tar.gz", narHash: narHash(set) } },
  bases: { [BASE]: { digest: digest(base), platforms: {} } },
});

const noFiles = { read: () => undefined, exists: () => false };
const settingsOf = (text: string) => referenceSettings(check({ path: "/w/a.imgspec", text }, noFiles));

/** The text at each hint, and its message. */
const hints = (lock: Pins, current: Pins) =>
  pinHints("/w/a.imgspec", settingsOf(TEXT), lock, current).map(({ span, message }) => [
    TEXT.slice(span.start, span.end),
    message,
  ]);

const UPDATE = "run `imgc lock --update a.imgspec`";

test("each setting with an outdated pin gets a hint with the pinned and the current identity", () => {
  const base = `imgc.lock pins sha256:111111111111…, but \`${BASE}\` is now sha256:222222222222…; ${UPDATE}`;
  expect(hints(pins("1", "A"), pins("2", "B"))).toEqual([
    [
      `nixpkgs "${FLAKE}"`,
      `imgc.lock pins sha256-AAAAAAAAAAAA…, but \`${FLAKE}\` is now sha256-BBBBBBBBBBBB…; ${UPDATE}`,
    ],
    [`base registry "${BASE}"`, base],
    [`base registry "${BASE}"`, base],
  ]);
});

test("revisions of Git are compared", () => {
  const at = (rev: string): Pins => ({
    nixpkgs: { [FLAKE]: { fetch: "git", url: "https://example.org/set", rev, narHash: narHash("A") } },
    bases: {},
  });
  expect(hints(at("1".repeat(40)), at("1".repeat(40)))).toEqual([]);
  expect(hints(at("1".repeat(40)), at("2".repeat(40)))).toMatchObject([[`nixpkgs "${FLAKE}"`, expect.any(String)]]);
});

test("current pins, and references without an answer, get no hint; missing pins do", () => {
  const none: Pins = { nixpkgs: {}, bases: {} };
  expect(hints(pins("1", "A"), pins("1", "A"))).toEqual([]);
  expect(hints(pins("1", "A"), none)).toEqual([]);
  const missing = [`base registry "${BASE}"`, `imgc.lock does not pin \`${BASE}\`; run \`imgc lock a.imgspec\``];
  expect(hints(none, { ...none, bases: pins("1", "A").bases })).toEqual([missing, missing]);
});

test("a file with errors, or without references, has no settings to look up", () => {
  expect(settingsOf(`${TEXT}image "d" { tga "v1" }\n`)).toEqual([]);
  expect(settingsOf('image "a" { base scratch }\n')).toEqual([]);
});
