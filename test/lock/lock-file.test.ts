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

test("a printed lock parses to the same lock, and the order of its keys does not matter", () => {
  fc.assert(
    fc.property(lock, (value) => {
      const text = printLock(value);
      expect(parseLock(text)).toEqual(value);
      const reversed = { ...value, bases: Object.fromEntries(Object.entries(value.bases).toReversed()) };
      expect(printLock(reversed)).toBe(text);
    }),
  );
});

test("each entry is a line", () => {
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

/** The error's message, and the text at its offset. */
function refusal(text: string): string {
  try {
    parseLock(text);
  } catch (error) {
    if (error instanceof LockError) return `${error.message} @ ${text.slice(error.offset, error.offset + 12)}`;
    throw error;
  }
  throw new Error("it was read");
}

describe("other text is refused in one line, with a place", () => {
  const pins = (bases: string) => `{"version":1,"nixpkgs":{},"bases":${bases},"layers":{}}`;
  const cases: [string, string][] = [
    ["", "this is not JSON @ "],
    ['{"version":1,,}', "this is not JSON @ ,}"],
    ["[]", "the document: expected object @ []"],
    ['{"version":2}', "the lock has version 2, but this imgc reads up to version 1; use a newer imgc @ 2}"],
    ["{}", "version: expected 1 @ {}"],
    [
      pins('{"b":{"digest":"sha256:1","platforms":{}}}'),
      'bases → b → digest: a digest is sha256: and 64 hexadecimal digits, not "sha256:1" @ "sha256:1","',
    ],
    [pins('{"b":{"digest":7},"b":8}'), 'bases → b: expected object, not 8 @ 8},"layers":'],
    [`${pins("{}").slice(0, -1)},"more":1}`, "the document: unknown key more @ 1}"],
    ["[".repeat(1e5), "this is not JSON @ [[[[[[[[[[[["],
    [
      '{\n  "version": 1,\n<<<<<<< ours\n  "bases": {},\n=======\n  "bases": {}\n>>>>>>> theirs\n  "layers": {\n<<<<<<< ours\n',
      "a merge left conflict markers here @ <<<<<<< ours",
    ],
  ];
  test.each(cases)("case %#", (text, message) => {
    expect(refusal(text)).toBe(message);
  });
});

test("any edited text of a lock is read, or refused with a place in it", () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(40),
    insert: fc.oneof(
      fc.constant(""),
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "{",
        "}",
        ",",
        '"',
        "[[",
        "\n",
        "\r\n",
        "<<<<<<< a\n",
        "=======\n",
        ">>>>>>> b\n",
        '"layers":',
        "1e999",
        "null",
      ),
    ),
  });
  const edited = fc.tuple(lock, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([value, edits]) =>
    edits.reduce((text, { at, remove, insert }) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + insert + text.slice(start + remove);
    }, printLock(value)),
  );
  fc.assert(
    fc.property(fc.oneof(edited, fc.json(), fc.string({ unit: "binary" })), (text) => {
      try {
        expect(parseLock(printLock(parseLock(text)))).toEqual(parseLock(text));
      } catch (error) {
        if (!(error instanceof LockError)) throw error;
        expect(error.message).not.toContain("\n");
        expect(error.offset).toBeGreaterThanOrEqual(0);
        expect(error.offset).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 200 },
  );
});
