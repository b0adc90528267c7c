import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidReference, exactly, parseReference } from "../../src/oci/reference.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

describe("references are parsed as in other clients", () => {
  const cases: [string, string, string][] = [
    ["alpine", "docker.io/library/alpine:latest", "https://registry-1.docker.io"],
    ["user/app:2", "docker.io/user/app:2", "https://registry-1.docker.io"],
    ["docker.io/alpine:3", "docker.io/library/alpine:3", "https://registry-1.docker.io"],
    ["images.example.org/a/b", "images.example.org/a/b:latest", "https://images.example.org"],
    [`example.org:5000/a:1@${DIGEST}`, `example.org:5000/a@${DIGEST}`, "https://example.org:5000"],
    ["localhost/a:1", "localhost/a:1", "http://localhost"],
    ["127.0.0.1:5000/a:1", "127.0.0.1:5000/a:1", "http://127.0.0.1:5000"],
  ];
  test.each(cases)("%s", (text, exact, api) => {
    const reference = parseReference(text);
    expect(exactly(reference)).toBe(exact);
    expect(reference.api).toBe(api);
  });
});

test.each([
  "",
  "Alpine",
  "a/",
  "a:b:c",
  "http://example.org/a",
  "a@sha256:1",
  "exa mple.org/a",
  "a/../b",
  "example.org:port/a",
])("%j is not a reference", (text) => {
  expect(() => parseReference(text)).toThrow(InvalidReference);
});

test("an IPv6 address is refused with a message, since skopeo does not accept it", () => {
  expect(() => parseReference("[::1]:5000/a:1")).toThrow(
    "[::1]:5000/a:1: skopeo does not accept the IPv6 address [::1]; write a host name in its place",
  );
});

test("any text is a reference or refused, and printed references parse to the same reference", () => {
  const texts = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z.:/@-]{0,30}$/));
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const first = exactly(parseReference(text));
        expect(exactly(parseReference(first))).toBe(first);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidReference);
      }
    }),
  );
});
