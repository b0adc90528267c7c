/** docs/coming-from.md: the descriptions compile, imports of the originals give them, and tables have the numbers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { importApko } from "../../src/import/apko.ts";
import { importDockerfile } from "../../src/import/dockerfile/import-dockerfile.ts";
import { specText } from "../../src/import/spec-text.ts";
import { check } from "../../src/language/index.ts";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { exampleOf, SECTIONS, specOf } from "./coming-from.ts";

test.each(SECTIONS)("the description for %s compiles", (section) => {
  const directory = "/spec";
  const options = { exists: () => true, read: () => undefined };
  const { spec } = check({ path: `${directory}/a.imgspec`, text: exampleOf(section, "imgspec") }, options);
  if (spec === undefined) throw new Error("the description has mistakes");
  expect(compile(spec, { functions: "/nix", directory, lock: EMPTY_LOCK })).toContain("imgc.image");
});

test("the import of the apko file gives the description", () => {
  const imported = specText(importApko(exampleOf("apko", "yaml"), "shop"));
  expect(specOf(imported)).toEqual(specOf(exampleOf("apko", "imgspec")));
});

test("the import of the Dockerfile gives the description's settings, except those for the base", () => {
  const imported = importDockerfile(exampleOf("A Dockerfile", "dockerfile"), "shop/web", "/spec");
  const [image] = specOf(specText(imported));
  const [written] = specOf(exampleOf("A Dockerfile", "imgspec"));
  const { env, user, workdir, ports } = settings(image);
  expect({ env, user, workdir, ports }).toEqual(settings(written));
});

function settings(image: unknown): Record<string, unknown> {
  const { config } = image as { config: Record<string, unknown> };
  return { env: config["env"], user: config["user"], workdir: config["workdir"], ports: config["expose"] };
}

test("the numbers are those of the benchmarks", () => {
  const read = (name: string) => readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");
  const page = read("coming-from.md");
  const cell = (document: string, row: RegExp, column: number): string => {
    const line = read(document)
      .split("\n")
      .find((each) => row.test(each));
    return (line?.split("|")[column] ?? "").replaceAll("*", "").trim();
  };
  const pulled = (planner: string) => cell("layers.md", new RegExp(`^\\| all four +\\| ${planner} +\\|`), 3);
  const costs: Record<string, string> = {
    imgc: pulled("`auto` with lock"),
    dockerTools: `${pulled("nixpkgs, popularity")}, or ${pulled("nixpkgs, auto-layer")}`,
    nix2container: pulled("nix2container"),
    Nixery: pulled("Nixery"),
    apko: pulled("apko, by size"),
  };
  for (const [tool, cost] of Object.entries(costs))
    expect(page).toMatch(new RegExp(`^\\| ${tool} +\\| ${cost.replaceAll(".", "\\.")} +\\|`, "m"));
  expect(page).toContain(`without one, the number is ${pulled("`auto`")}`);
  const push = (what: string) => cell("benchmarks.md", new RegExp(`^\\| ${what} +\\|`), 3);
  expect(page).toMatch(new RegExp(`^\\| imgc .*\\| ${push("push, the app changed")} +\\|`, "m"));
  expect(page.replaceAll(/\s+/g, " ")).toContain(
    `For the first push of the image, the ratio is ${push("first push")}.`,
  );
  const rebuilt = (column: number) => cell("benchmarks.md", /^\| 1 GB +\|/, column);
  expect(page).toContain(`| ${rebuilt(7)}, and the application`);
  expect(page.replaceAll(/\s+/g, " ")).toContain(`takes ${rebuilt(6)} of the time of the first build`);
});
