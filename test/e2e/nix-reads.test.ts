/** Nix's parser and evaluator read the text of imgc as intended. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile, unpinned } from "../../src/compile/index.ts";
import { splitPaths, userCode } from "../../src/compile/nix-paths.ts";
import { printNix } from "../../src/compile/print.ts";
import { call, integer, list, name, string, type Nix } from "../../src/compile/nix-syntax.ts";
import { check, type Spec } from "../../src/language/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { code } from "../compile/nix-code.ts";
import { fileTexts } from "../language/sentences.ts";
import { files, folder } from "./tools.ts";
import { parseDrvName } from "../../src/store/store-path.ts";

const instantiate = (args: string[], input = "", cwd = "/") =>
  execFileSync("nix-instantiate", ["--option", "store", "dummy://", ...args], {
    input,
    cwd,
    encoding: "utf8",
    stdio: "pipe",
  });

function evaluate(tree: Nix): unknown {
  return JSON.parse(instantiate(["--eval", "--json", "--strict", "-"], printNix(tree)));
}

/** Any text of a Nix string: Unicode without the null character, with frequent special characters. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom("${", "$", "$$", '"', "\\", "''", "\n", "\r\n", "\t", "{", "}", "/*", "#", "${x}", "\\${"),
    ),
  )
  .map((parts) => parts.join("").replaceAll("\0", ""));

describe("every string reaches Nix as data", () => {
  test("as a value", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 100, maxLength: 200 }), (texts) => {
        expect(evaluate(list(texts.map((text) => string(text))))).toEqual(texts);
      }),
      { numRuns: 15 },
    );
  });

  test("in pieces around interpolations", () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyText), { minLength: 50, maxLength: 100 }), (texts) => {
        const trees = texts.map((parts) => string(...parts.flatMap((part) => [part, string(part)])));
        expect(evaluate(list(trees))).toEqual(texts.map((parts) => parts.map((part) => part + part).join("")));
      }),
      { numRuns: 10 },
    );
  });

  test("as an attribute's name", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyText, { minLength: 50, maxLength: 100 }), (names) => {
        const bindings = names.map((key, i) => ({ path: [key], value: integer(i) }));
        const values = evaluate({ kind: "set", bindings }) as Record<string, number>;
        expect(new Map(Object.entries(values))).toEqual(new Map(names.map((key, i) => [key, i])));
      }),
      { numRuns: 10 },
    );
  });

  test("as a path", () => {
    const paths = ["/plain/path", "/with space", "/with${dollar}", '/quote"', "/trailing.", "/~", "/a+b", "/ä/ö"];
    expect(evaluate(list(paths.map((path) => call(name("toString"), { kind: "path", path }))))).toEqual(paths);
  });
});

/** Nix's syntax tree of each code in a list, in a file in a folder. */
function parsed(codes: string[], directory: string): string {
  return instantiate(
    ["--parse", "-"],
    `x: x'y: y: a: b: [\n${codes.map((each) => `(\n${each}\n)`).join("\n")}\n]`,
    directory,
  );
}

const relative = (text: string) => splitPaths(text).flatMap((piece) => (typeof piece === "string" ? [] : [piece.path]));

test("moved Nix code keeps its paths, and strings and comments contain none", () => {
  const codes = fc.sample(code(5), 300);
  expect(codes.flatMap(relative).length).toBeGreaterThan(300);
  expect(codes.flatMap(relative).filter((each) => each.includes("nope"))).toEqual([]);
  // As deep as a path above goes up.
  const directory = join(folder(), "a/b/c");
  mkdirSync(directory, { recursive: true });
  const moved = codes.map((nix) => printNix(userCode({ nix, directory })));
  expect(parsed(moved, "/")).toBe(parsed(codes, directory));
});

test("the goldens of the compiler parse", () => {
  const cases = join(import.meta.dirname, "../compile/cases");
  const goldens = readdirSync(cases, { recursive: true, encoding: "utf8" }).filter((each) => each.endsWith(".nix"));
  expect(goldens).not.toEqual([]);
  instantiate(["--parse", ...goldens.map((each) => join(cases, each))]);
});

const OPTIONS = { functions: "/imgc/nix", lock: EMPTY_LOCK, directory: "/case" };

/** Users' code is copied unchanged, and need not parse. */
function withoutCode(spec: Spec): Spec {
  const isCode = (key: string, value: unknown) => (key === "nix" || key === "expression") && typeof value === "string";
  return JSON.parse(JSON.stringify(spec), (key, value: unknown) => (isCode(key, value) ? "null" : value)) as Spec;
}

test("random sentences of the grammar compile to Nix that parses", () => {
  const texts: Record<string, string> = {};
  const world = { read: () => undefined, exists: () => true };
  fc.assert(
    fc.property(fileTexts, (text) => {
      const { spec } = check({ path: "/case/a.imgspec", text: text.replaceAll(/\$[A-Za-z_][\w-]*/g, '"a"') }, world);
      if (spec === undefined || unpinned(spec, OPTIONS).some(({ path }) => path[0] === "base")) return;
      texts[`${Object.keys(texts).length}.nix`] = compile(withoutCode(spec), OPTIONS);
    }),
    // A name that every JavaScript object has something for.
    { numRuns: 400, examples: [['image "constructor" { }']] },
  );
  expect(Object.keys(texts).length).toBeGreaterThan(40);
  const first = files(texts);
  instantiate(["--parse", ...Object.keys(texts).map((each) => join(first, "..", each))]);
});

test("names and versions of store paths are parsed as by Nix", () => {
  for (const each of ["hello-2.10", "python3-3.11.2-env", "source", "nginx", "a-b-c", "lib-1x-2", "x-1-y-2"]) {
    const read = parseDrvName(`/nix/store/${"0".repeat(32)}-${each}`);
    const expression = `builtins.toJSON (builtins.parseDrvName "${each}")`;
    expect(read).toEqual(JSON.parse(JSON.parse(instantiate(["--eval", "--json", "-E", expression])) as string));
  }
});
