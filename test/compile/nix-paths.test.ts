import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { splitPaths, written } from "../../src/compile/nix-paths.ts";
import { printNix } from "../../src/compile/print.ts";

/** What Nix makes of each code in a list of them, where it lies in a folder. */
function parsed(codes: string[], folder: string): string {
  const input = `x: x'y: y: a: b: [\n${codes.map((code) => `(\n${code}\n)`).join("\n")}\n]`;
  return execFileSync("nix-instantiate", ["--parse", "-"], { input, cwd: folder, encoding: "utf8" });
}

const relative = (code: string) => splitPaths(code).flatMap((piece) => (typeof piece === "string" ? [] : [piece.path]));

const path = fc
  .stringMatching(/^(\.{1,2}|[a-z.+-]{1,3})(\/[\w.+-]{1,3}){1,3}$/)
  .filter((each) => !each.startsWith("-"));
const plain = fc.constantFrom(
  "a",
  "$",
  "$$",
  "'",
  "\\\\",
  "\\n",
  "/x",
  "./nope",
  " # ",
  "/* ",
  "''${",
  "{",
  "}",
  "ü",
  "\n",
  " ",
);
const code: fc.Memo<string> = fc.memo((depth) =>
  depth <= 1
    ? fc.oneof(path, fc.constantFrom("x", "x'y", "1.5", "<a/b>", "~/a/b", "http://a/b?c=./d", "null"))
    : fc.oneof(
        path,
        code().map((each) => `"\\\${a} ./nope \${${each}}/x ./nope"`),
        fc.array(plain).map((text) => `"${text.join("").replaceAll("''${", "\\${").replaceAll("${", "$ {")}"`),
        fc
          .tuple(fc.array(plain), code())
          .map(([text, each]) => `''a ./nope ''\${b} ''' ''\\n ${safe(text)} \${${each}} ./nope ''`),
        fc.tuple(path, code()).map(([before, each]) => `${before}\${toString ${atomic(each)}}c/d`),
        code().map((each) => `{ a.b = ${atomic(each)}; "c/d" = x//y; } # ./nope\n`),
        fc.tuple(code(), code()).map(([a, b]) => `(x: ${a}\n) /* ./nope */ (${b}\n)`),
        code().map((each) => `let a/* ./nope **/= { }; in with a; [ ${atomic(each)} ./. ../. ]`),
      ),
);

function safe(text: string[]): string {
  return text.map((each) => (each === "''${" ? each : each.replaceAll("'", "q").replaceAll("$", "D"))).join("");
}
function atomic(each: string): string {
  return `(${each}\n)`;
}

test("Nix reads the same paths as where the code was written, in strings and comments none", () => {
  const codes = fc.sample(code(5), 300);
  expect(codes.flatMap(relative).length).toBeGreaterThan(300);
  expect(codes.flatMap(relative).filter((each) => each.includes("nope"))).toEqual([]);
  const place = mkdtempSync(join(tmpdir(), "imgc-paths-"));
  onTestFinished(() => rmSync(place, { recursive: true }));
  // As deep as a path above goes up.
  const directory = join(place, "a/b/c");
  mkdirSync(directory, { recursive: true });
  const moved = codes.map((nix) => printNix(written({ nix, directory })));
  expect(parsed(moved, "/")).toBe(parsed(codes, directory));
});

test("the pieces are the code", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(plain).map((all) => all.join("")),
      ),
      (text) => {
        expect(
          splitPaths(text)
            .map((piece) => (typeof piece === "string" ? piece : piece.path))
            .join(""),
        ).toBe(text);
      },
    ),
  );
});

test("a folder that Nix cannot write as a path is an expression", () => {
  expect(printNix(written({ nix: "f ./x ./y/${z}", directory: "/a b" }))).toContain('f (/. + "/a b/x") ./y/${z}');
  expect(printNix(written({ nix: "f ./x ./y/${z}", directory: "/a" }))).toContain("f /a/x /a/y/${z}");
});

test("long code costs no more than its length", () => {
  for (const piece of ["/*", "1", ".", "a", "a/", "$", "'", "''", '"', "${", "./a${", "-1."]) {
    const text = piece.repeat(100_000);
    expect(
      splitPaths(text)
        .map((each) => (typeof each === "string" ? each : each.path))
        .join(""),
    ).toBe(text);
  }
});
