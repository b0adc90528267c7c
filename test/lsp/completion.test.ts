import { expect, test } from "vitest";
import { expectSettings } from "../../src/language/schema/expect.ts";
import { fileSettings } from "../../src/language/schema/file.ts";
import { imageSettings } from "../../src/language/schema/image.ts";
import { settingName } from "../../src/language/types/setting.ts";
import type { World } from "../../src/lsp/candidates.ts";
import { complete } from "../../src/lsp/completion.ts";
import { check } from "../../src/language/index.ts";
import { growth, LINEAR } from "../growth.ts";
import { hostOf } from "../language/host.ts";
import { marked } from "./marked.ts";
import type { Settings } from "../../src/language/types/type.ts";

const files = { "/w/common.imgspec": 'let runtime = [ glibc ]\nimage "shop/base" { }\n' };
const folders: Record<string, string[]> = {
  "/w": ["src/", "a.imgspec", "with space", ".git/"],
  "/w/src": ["app.py"],
  "/": ["w/"],
};
const world: World = {
  list: (folder) => folders[folder] ?? [],
  packages: (written) =>
    ["hello", "python3Packages.flask"]
      .filter((path) => path.startsWith(written))
      .map((path) => ({ path, detail: "1" })),
};

const labels = (written: string): string[] => {
  const { result, offset } = marked(written, files);
  return complete(result, offset, world).map(({ label }) => label);
};
const names = (settings: Settings): string[] =>
  Object.entries(settings).map(([key, setting]) => settingName(key, setting));

test.each<[string, string[]]>([
  // Settings that the block does not have yet.
  ["¦", names(fileSettings)],
  ["im¦", names(fileSettings)],
  ['image "a" {\n  ¦\n}', names(imageSettings)],
  ['image "a" {\n  pa¦\n}', names(imageSettings)],
  ['image "a" { tag "v1" ¦ author "b" }', names(imageSettings).filter((name) => name !== "tag" && name !== "author")],
  ['image "a" { config { healthcheck { ¦ } } }', ["test", "interval", "timeout", "start-period", "retries"]],
  ['image "a" { files { "/x" directory { m¦ } } }', ["mode", "owner"]],
  ['image "a" {\n  expect { size <= 1GB\n size¦ } }', names(expectSettings)],
  // Words, and words after them.
  ['image "a" { manifest ¦ }', ["oci", "docker"]],
  ['image "a" { manifest do¦ }', ["oci", "docker"]],
  ['image "a" { provide [ sh ¦ ] }', ["sh", "env", "certificates", "tmp", "users"]],
  ['image "a" { compression [ gzip ¦ ] }', ["zstd"]],
  ['image "a" { compression [ gzip zstd { ¦ } ] }', ["chunked"]],
  ['image "a" { base ¦ }', ["scratch", "image", "registry", "archive", "layout", "nix"]],
  ['image "a" { files { "/x" ¦ } }', ["copy", "extract", "text", "link", "directory", "remove"]],
  ['image "a" { layers { layer "x" o¦ } }', ["only"]],
  ['image "a" { cache { reuse ¦ } }', ["layer", "group", "image"]],
  // Names.
  ['let a = "1"\nimage "b" { tag $¦ }', ["$a"]],
  ['import ./common.imgspec\nlet a = "1"\nimage "b" { tag "${$¦}" }', ["$a", "$runtime"]],
  ['import ./common.imgspec\nimage "b" { base image "¦" }', ["b", "shop/base"]],
  ['import ./common.imgspec\nimage "b" { base image ¦ }', ["b", "shop/base"]],
  ['import ./common.imgspec\nimage "b" { packages [ h¦ ] }', ["hello", "nix", "$runtime"]],
  ['image "b" { tag "v${h¦}" }', ["hello"]],
  ['image "b" { packages [ python3Packages.¦ ] }', ["python3Packages.flask", "nix"]],
  ['image "b" { layers { weight { ¦ } } }', ["hello", "nix", "python3Packages.flask"]],
  // Paths.
  ["import ¦", ["a.imgspec", "src/", "with space", "path"]],
  ['image "b" { files { "/x" copy ./¦ } }', ["a.imgspec", "src/", "with space", "path", "nix"]],
  ['image "b" { files { "/x" copy ./src/a¦ } }', ["app.py", "path", "nix"]],
  ['image "b" { files { "/x" copy path "./src/¦" } }', ["app.py"]],
  // No candidates.
  ["# im¦", []],
  ['image "b" { tag "v¦" }', []],
  ['image "b" { users { a¦ } }', []],
  ['image "b" { unknown { ¦ } }', []],
])("%s", (written, offered) => {
  expect(labels(written).toSorted()).toEqual(offered.toSorted());
});

test.each([
  ['image "a" { contents¦ }', "packages", "contents"],
  ['image "a" { conte¦ }', "packages", "contents"],
  ['image "a" { maxL¦ }', "layers { max … }", "maxLayers"],
  ['image "a" { ExposedP¦ }', "config { expose … }", "exposedPorts"],
  ['image "a" { config { workingD¦ } }', "workdir", "workingDir"],
])("a name of another tool offers ours: %s", (written, label, filter) => {
  const { result, offset } = marked(written);
  const found = complete(result, offset, world).filter((each) => each.label === label && each.filter === filter);
  expect(found).toHaveLength(1);
});

test("every candidate gives a text whose settings the language knows", () => {
  const { text, result, offset } = marked('image "a" {\n  manifest oci\n  ¦\n}\n');
  for (const { text: written, span } of complete(result, offset, world)) {
    const changed = text.slice(0, span.start) + written + text.slice(span.end);
    const codes = check({ path: "/w/a.imgspec", text: changed }, hostOf()).diagnostics.map(({ code }) => code);
    expect(codes).not.toContain("unknown-setting");
  }
});

test("snippets follow the forms of the schema", () => {
  const { result, offset } = marked('image "a" { ¦ }');
  const snippets = Object.fromEntries(complete(result, offset, world).map(({ label, snippet }) => [label, snippet]));
  expect(snippets).toMatchObject({
    tag: 'tag "$1"',
    packages: "packages [ $1 ]",
    manifest: "manifest $1",
    config: "config {\n\t$1\n}",
  });
});

test.each([
  ["a long word", (n: number) => `image "a" { packages [ ${"a".repeat(n)} ¦`],
  ["many interpolations that are not closed", (n: number) => `image "a" { author "${"${a".repeat(n)}¦" }`],
])("completion after %s takes linear time", (_, make) => {
  const grown = growth(1000, (n) => {
    const { result, offset } = marked(make(n), files);
    return () => void complete(result, offset, world);
  });
  expect(grown).toBeLessThan(LINEAR);
});
