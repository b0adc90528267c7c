import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { compile } from "../../../src/compile/index.ts";
import { formats } from "../../../src/diagnostics/formats/index.ts";
import { check, parse } from "../../../src/language/index.ts";
import { EMPTY_LOCK } from "../../../src/lock/lock-file.ts";
import { annotate } from "./annotate.ts";

const options = { functions: "/imgc/nix", lock: EMPTY_LOCK, directory: "/case" };

const cases = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** A case's folder appears as `/case`; all other paths exist. */
describe.each(cases.map(({ name }) => name))("%s", (name) => {
  const folder = join(import.meta.dirname, name);
  const golden = (file: string) => join(folder, file);
  const source = { path: "/case/in.imgspec", text: readFileSync(golden("in.imgspec"), "utf8") };
  const read = (path: string) => {
    const file = path.replace("/case", folder);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  // The word `hello` is a package: no file has this name.
  const exists = (path: string) => path !== "/case/hello";
  const { spec, diagnostics, sources } = check(source, { read, exists });

  test("the syntax tree is as expected", async () => {
    await expect(annotate(source, parse(source).document)).toMatchFileSnapshot(golden("tree.imgspec.txt"));
  });

  test("the diagnostics are as expected", async () => {
    const output = formats.pretty({
      diagnostics,
      sources,
      files: [],
      colours: false,
      width: Infinity,
      name: (path) => path,
    });
    await expect(output).toMatchFileSnapshot(golden("diagnostics.txt"));
  });

  test("the spec and the Nix expression are as expected", async () => {
    if (spec === undefined) {
      // A case with errors has no spec and no Nix expression.
      expect([golden("spec.json"), golden("out.nix")].filter(existsSync)).toEqual([]);
      return;
    }
    await expect(await format(JSON.stringify(spec), { parser: "json", printWidth: 120 })).toMatchFileSnapshot(
      golden("spec.json"),
    );
    await expect(compile(spec, options)).toMatchFileSnapshot(golden("out.nix"));
  });
});
