import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkFiles } from "../../src/app/check.ts";
import { FileErrors, findFiles } from "../../src/app/spec-files.ts";
import { diagnostic } from "../../src/diagnostics/diagnostic.ts";
import type { Source } from "../../src/language/index.ts";
import { readSource } from "../../src/util/text-files.ts";
import { files, folder } from "../e2e/tools.ts";

const inspect = async () => [];

function sourcesIn(contents: Record<string, string>): { at: string; sources: Source[] } {
  const at = folder();
  files(contents, at);
  return { at, sources: findFiles([at], new FileErrors()).map((path) => ({ path, text: readSource(path) })) };
}

test("the diagnostics of a file that two files import are listed once", async () => {
  const { at, sources } = sourcesIn({
    "a.imgspec": "import ./wrong.imgspec\n",
    "b.imgspec": "import ./wrong.imgspec\n",
    "wrong.imgspec": 'image "w" { tga "v1" }\n',
  });
  const checked = await checkFiles(sources, { inspect });
  expect(checked.diagnostics.map(({ code, file }) => [code, file])).toEqual([
    ["unknown-setting", join(at, "wrong.imgspec")],
  ]);
  expect(checked.files).toHaveLength(3);
  expect([...checked.sources.keys()].toSorted()).toEqual(checked.files);
});

test("values of parameters apply to each file, which must have the parameter", async () => {
  const { sources } = sourcesIn({ "a.imgspec": 'param tag\nimage "a" { tag $tag }\n' });
  expect((await checkFiles(sources, { inspect, set: ["tag=v1"] })).diagnostics).toEqual([]);
  await expect(checkFiles(sources, { inspect, set: ["tga=v1"] })).rejects.toThrow("`tag`");
});

test("a further check adds its diagnostics", async () => {
  const { sources } = sourcesIn({ "a.imgspec": 'image "a" { }\n' });
  const { diagnostics } = await checkFiles(sources, {
    inspect: async ({ locate }) => [diagnostic("no-package-set", locate(["nixpkgs"]), {})],
  });
  expect(diagnostics.map(({ code }) => code)).toEqual(["no-package-set"]);
});

test("fixes are written only on request, and never into a file that is not UTF-8", async () => {
  const text = 'image "a" { tga "v1" }\n';
  const { at, sources } = sourcesIn({ "a.imgspec": text });
  const path = join(at, "a.imgspec");
  await checkFiles(sources, { inspect });
  expect(readFileSync(path, "utf8")).toBe(text);
  const fixed: string[] = [];
  const onFixed = (file: string, title: string) => void fixed.push(`${file}: ${title}`);
  const checked = await checkFiles(sources, { inspect, onFixed });
  expect(readFileSync(path, "utf8")).toBe(text.replace("tga", "tag"));
  expect(fixed).toEqual([`${path}: write \`tag\``]);
  expect(checked.diagnostics).toEqual([]);
  const other = sourcesIn({ "b.imgspec": `# \uFFFD\n${text}` });
  await checkFiles(other.sources, { inspect, onFixed });
  expect(fixed).toHaveLength(1);
});

test.each([
  ["no key\n", /cosign\.pub has no PEM block; a public key is/],
  ["-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", /cosign\.pub is damaged/],
  ["x".repeat((1 << 16) + 1), /cosign\.pub has 65537 bytes, more than any public key/],
])("a key of `signed-base` that cannot be read is an error", async (key, message) => {
  const text = 'image "a" {\n  base registry "example.org/base:1"\n  expect { signed-base ./cosign.pub }\n}\n';
  const { sources } = sourcesIn({ "a.imgspec": text, "cosign.pub": key });
  const { diagnostics } = await checkFiles(sources, { inspect });
  expect(diagnostics).toMatchObject([{ code: "bad-key", message: expect.stringMatching(message) as string }]);
  expect(text.slice(diagnostics[0]?.span.start, diagnostics[0]?.span.end)).toBe("signed-base ./cosign.pub");
});

test("a pipe in the place of a key of `signed-base` is not opened", async () => {
  const text = 'image "a" {\n  base registry "example.org/base:1"\n  expect { signed-base ./key }\n}\n';
  const { at, sources } = sourcesIn({ "a.imgspec": text });
  execFileSync("mkfifo", [join(at, "key")]);
  const { diagnostics } = await checkFiles(sources, { inspect });
  expect(diagnostics.map(({ message }) => message)).toEqual([
    expect.stringContaining("key is a pipe; write the path of"),
  ]);
  rmSync(join(at, "key"));
  expect((await checkFiles(sources, { inspect })).diagnostics.map(({ code }) => code)).toEqual(["missing-file"]);
});
