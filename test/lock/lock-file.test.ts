import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EMPTY_LOCK, LockError, parseLock, printLock, type Lock } from "../../src/lock/lock-file.ts";

const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);
const narHash = fc.stringMatching(/^[A-Za-z0-9+/]{43}$/).map((text) => `sha256-${text}=`);
const key = fc.string({ unit: "binary", minLength: 1 }).filter((text) => text !== "__proto__");
const lock: fc.Arbitrary<Lock> = fc.record({
  version: fc.constant(1 as const),
  nixpkgs: fc.dictionary(
    key,
    fc.oneof(
      fc.record({ fetch: fc.constant("tarball" as const), url: fc.string(), narHash }),
      fc.record({ fetch: fc.constant("path" as const), path: fc.string().map((text) => `/${text}`), narHash }),
    ),
    { noNullPrototype: true },
  ),
  bases: fc.dictionary(
    key,
    fc.record({
      digest,
      platforms: fc.dictionary(
        key,
        fc.record({ manifest: digest, config: digest, layers: fc.array(digest, { maxLength: 3 }) }),
        { noNullPrototype: true },
      ),
    }),
    { noNullPrototype: true },
  ),
  layers: fc.dictionary(
    key,
    fc.record({
      rebuilds: fc.nat(),
      contents: fc.dictionary(key, fc.string(), { noNullPrototype: true }),
      packages: fc.dictionary(key, fc.string(), { noNullPrototype: true }),
    }),
    { noNullPrototype: true },
  ),
});

test("what is printed is read back, and prints the same whatever the order was", () => {
  fc.assert(
    fc.property(lock, (value) => {
      const text = printLock(value);
      expect(parseLock(text)).toEqual(value);
      const reversed = { ...value, bases: Object.fromEntries(Object.entries(value.bases).toReversed()) };
      expect(printLock(reversed)).toBe(text);
    }),
  );
});

test("an entry is a line", () => {
  const pin = `sha256:${"1".repeat(64)}`;
  const text = printLock({
    ...EMPTY_LOCK,
    bases: {
      "example.org/b:1": {
        digest: pin,
        platforms: { "linux/amd64": { manifest: pin, config: pin, layers: [pin] } },
      },
    },
  });
  expect(text.replaceAll(pin, "sha256:1")).toMatchInlineSnapshot(`
    "{
      "version": 1,
      "nixpkgs": {},
      "bases": {
        "example.org/b:1": {
          "digest": "sha256:1",
          "platforms": {
            "linux/amd64": {"config":"sha256:1","layers":["sha256:1"],"manifest":"sha256:1"}
          }
        }
      },
      "layers": {}
    }
    "
  `);
});

describe("what is no lock is said in one line", () => {
  const cases: [string, RegExp][] = [
    ["", /JSON/],
    ["{", /JSON/],
    ["[]", /the document: /],
    ['{"version":2}', /version 2; this imgc knows up to 1/],
    ["<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n", /conflict markers/],
    [
      '{"version":1,"nixpkgs":{},"bases":{"b":{"digest":"sha256:1","platforms":{}}},"layers":{}}',
      /bases → b → digest: a digest is/,
    ],
    ['{"version":1,"nixpkgs":{},"bases":{},"layers":{},"more":1}', /more/],
  ];
  test.each(cases)("%j", (text, message) => {
    expect(() => parseLock(text)).toThrow(LockError);
    expect(() => parseLock(text)).toThrow(message);
  });
});
