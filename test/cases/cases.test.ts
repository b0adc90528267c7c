import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { compile, unpinned } from "../../src/compile/index.ts";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { check, parse, type Spec } from "../../src/language/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { files } from "../e2e/tools.ts";
import { fileTexts } from "../language/sentences.ts";
import { annotate } from "./annotate.ts";

const options = { functions: "/imgc/nix", lock: EMPTY_LOCK, directory: "/case" };
const parses = (...paths: string[]): void =>
  void execFileSync("nix-instantiate", ["--option", "store", "dummy://", "--parse", ...paths], {
    stdio: ["ignore", "ignore", "pipe"],
  });

const cases = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** A case's folder is seen as `/case`, and everything else that it names is there. */
describe.each(cases.map(({ name }) => name))("%s", (name) => {
  const folder = join(import.meta.dirname, name);
  const golden = (file: string) => join(folder, file);
  const source = { path: "/case/in.imgspec", text: readFileSync(golden("in.imgspec"), "utf8") };
  const read = (path: string) => {
    const file = path.replace("/case", folder);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  const { spec, diagnostics, sources } = check(source, { read, exists: () => true });

  test("tree", async () => {
    await expect(annotate(source, parse(source).document)).toMatchFileSnapshot(golden("tree.imgspec.txt"));
  });

  test("diagnostics", async () => {
    const shown = formats.pretty({ diagnostics, sources, files: [], colours: false, name: (path) => path });
    await expect(shown).toMatchFileSnapshot(golden("diagnostics.txt"));
  });

  test("spec and Nix", async () => {
    if (spec === undefined) {
      // What does not check has no golden of what it would have compiled to.
      expect([golden("spec.json"), golden("out.nix")].filter(existsSync)).toEqual([]);
      return;
    }
    await expect(await format(JSON.stringify(spec), { parser: "json", printWidth: 120 })).toMatchFileSnapshot(
      golden("spec.json"),
    );
    await expect(compile(spec, options)).toMatchFileSnapshot(golden("out.nix"));
    parses(golden("out.nix"));
  });
});

/** Code that a user writes is carried as it is, and need not parse. */
function withoutCode(spec: Spec): Spec {
  const isCode = (key: string, value: unknown) => (key === "nix" || key === "expression") && typeof value === "string";
  return JSON.parse(JSON.stringify(spec), (key, value: unknown) => (isCode(key, value) ? "null" : value)) as Spec;
}

test("whatever follows the grammar compiles to Nix that parses", () => {
  const texts: Record<string, string> = {};
  const world = { read: () => undefined, exists: () => true };
  fc.assert(
    fc.property(fileTexts, (text) => {
      const { spec } = check({ path: "/case/a.imgspec", text: text.replaceAll(/\$[A-Za-z_][\w-]*/g, '"a"') }, world);
      if (spec === undefined || unpinned(spec, options).some(({ path }) => path[0] === "base")) return;
      texts[`${Object.keys(texts).length}.nix`] = compile(withoutCode(spec), options);
    }),
    // A name that every JavaScript object has something for.
    { numRuns: 400, examples: [['image "constructor" { }']] },
  );
  expect(Object.keys(texts).length).toBeGreaterThan(40);
  const first = files(texts);
  parses(...Object.keys(texts).map((name) => join(first, "..", name)));
});
