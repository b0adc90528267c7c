import fc from "fast-check";
import { expect, test } from "vitest";
import { hostOf, parseDestination } from "../../src/oci/destination.ts";
import { InvalidReference } from "../../src/oci/reference.ts";

test("parses destinations", () => {
  const of = (text: string) => parseDestination(text, "own");
  expect(of("registry.example.org/shop/api")).toEqual({ name: "registry.example.org/shop/api", tag: "own" });
  expect(of("docker://localhost:5000/api:v1")).toEqual({ name: "localhost:5000/api", tag: "v1" });
  expect(hostOf(of("127.0.0.1:5000/a/b"))).toBe("127.0.0.1:5000");
});

test("the message for an invalid reference says what to write", () => {
  const message = (text: string) => {
    try {
      parseDestination(text, "own");
    } catch (error) {
      return error instanceof InvalidReference ? error.message : undefined;
    }
    return undefined;
  };
  expect(message("oci:./folder")).toContain("imgc export");
  expect(message("https://images.example.org/shop")).toContain(": images.example.org/shop");
  expect(message("docker://[fe80::1]:5000/a")).toContain("does not accept the IPv6 address [fe80::1]");
  expect(message("registry.example.org/Shop")).toContain("lower case");
  expect(message(`registry.example.org/a@sha256:${"0".repeat(64)}`)).toContain("cannot choose the digest");
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        const { name, tag } = parseDestination(text, "own");
        // Tools cannot read it as an option, nor shells as several words.
        expect(`${name}:${tag}`).toMatch(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidReference);
      }
    }),
  );
});
