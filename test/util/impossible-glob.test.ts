import fc from "fast-check";
import { expect, test } from "vitest";
import { globMatcher } from "../../src/util/glob.ts";
import { impossible } from "../../src/util/impossible-glob.ts";

test.each([
  ["app/**", "paths start with `/`", "/app/**"],
  ["./app", "paths start with `/`", "/app"],
  ["*.sh", "paths start with `/`", "/*.sh"],
  ["{app,./srv}/x", "paths start with `/`", undefined],
  ["/app/", "no path has `//` or ends in `/`", "/app"],
  ["/app//x/./y", "no path has `//` or ends in `/`", "/app/x/y"],
  ["/app/../x", "no path has `.` or `..`", undefined],
  ["", "it is empty", "/"],
  [
    "/nix/store/hello/bin/*",
    "names in /nix/store start with a hash; write `/nix/store/*-hello/bin/*`",
    "/nix/store/*-hello/bin/*",
  ],
  ["/nix/store/hello-*", "names in /nix/store start with a hash; write `/nix/store/*-hello-*`", "/nix/store/*-hello-*"],
])("%s can match nothing", (glob, reason, instead) => {
  expect(impossible(glob, "/nix/store")).toEqual({ reason, ...(instead === undefined ? {} : { instead }) });
});

test.each([
  "/",
  "/*",
  "/**",
  "**",
  "**/x",
  "*/x",
  "{,x}/a",
  "/[{]/[,}]",
  "/a{,/}",
  "/nix/store/*-hello-*/bin/*",
  `/nix/store/${"0".repeat(32)}-hello`,
  "/nix/store/00*",
  "/nix/{store,var}/**",
])("%s can match something", (glob) => expect(impossible(glob, "/nix/store")).toBeUndefined());

test("a glob that matches an absolute path is possible", () => {
  const part = fc.constantFrom("a", "*", "**", "?", "[ab]", "{a,b}", "{,a}", ".", "..", "");
  const path = fc.array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), path, (parts, names) => {
      const glob = parts.join("/");
      if (globMatcher(glob)(`/${names.join("/")}`)) expect(impossible(glob, "/store")).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});
