import { describe, expect, test } from "vitest";
import { applyEdits } from "../../src/fixes/index.ts";
import { check } from "../../src/language/index.ts";
import { folds } from "../../src/lsp/folding.ts";
import { formatEdits } from "../../src/lsp/formatting.ts";
import { hover } from "../../src/lsp/hover.ts";
import { inlayHints } from "../../src/lsp/inlay-hints.ts";
import { links } from "../../src/lsp/links.ts";
import { definition, highlights, references } from "../../src/lsp/references.ts";
import { prepareRename, rename } from "../../src/lsp/rename.ts";
import { semanticTokens } from "../../src/lsp/semantic-tokens.ts";
import { documentSymbols, workspaceSymbols } from "../../src/lsp/symbols.ts";
import { hostOf } from "../language/host.ts";
import { at, marked, PATH } from "./marked.ts";

const SHOP = `# The shop.
import ./common.imgspec
let app = [ hello ]

image "shop/api" {
  base image "shop/base"
  packages [ $app $runtime ]
  files {
    "/motd" text "\${$greeting}"
  }
}
`;
const COMMON = 'let runtime = [ glibc ]\nparam greeting = "hi"\nimage "shop/base" { }\n';
const files = { "/w/common.imgspec": COMMON };
const common = check({ path: "/w/common.imgspec", text: COMMON }, hostOf()).root;
const cursor = (before: string): ReturnType<typeof marked> => {
  const offset = SHOP.indexOf(before) + before.length;
  return marked(`${SHOP.slice(0, offset)}¦${SHOP.slice(offset)}`, files);
};

describe("names", () => {
  test.each([
    ["$ap", PATH, "app"],
    ["$run", "/w/common.imgspec", "runtime"],
    ["{$gree", "/w/common.imgspec", "greeting"],
    ['base image "shop/', "/w/common.imgspec", "shop/base"],
    ["let ap", PATH, "app"],
  ])("the cursor after `%s` leads to the declaration", (before, file, name) => {
    const { root, offset } = cursor(before);
    const found = definition(root, offset);
    expect(found?.file).toBe(file);
    expect(at({ text: file === PATH ? SHOP : COMMON }, found?.span ?? { start: 0, end: 0 })).toBe(name);
  });

  test("a word that is not a name has no definition", () => {
    const { root, offset } = cursor("pack");
    expect(definition(root, offset)).toBeUndefined();
    expect(prepareRename(root, offset)).toBeUndefined();
  });

  test("references in all files, with and without the declaration", () => {
    const { root, offset } = cursor("$run");
    expect(references(root, offset, [root, common], true).map(({ file }) => file)).toEqual([PATH, "/w/common.imgspec"]);
    expect(references(root, offset, [root, common], false)).toHaveLength(1);
    expect(highlights(root, offset).map(({ span, declares }) => [at({ text: SHOP }, span), declares])).toEqual([
      ["runtime", false],
    ]);
  });

  test("a rename changes every place of the name", () => {
    const { root, offset } = cursor("{$gree");
    expect(prepareRename(root, offset)?.text).toBe("greeting");
    const edits = rename(root, offset, "$welcome", [root, common]);
    const after = (file: string, text: string): string =>
      applyEdits(
        text,
        edits.filter((edit) => edit.file === file),
      );
    expect(after(PATH, SHOP)).toBe(SHOP.replace("greeting", "welcome"));
    expect(after("/w/common.imgspec", COMMON)).toBe(COMMON.replace("greeting", "welcome"));
    const base = cursor('base image "shop/');
    expect(rename(base.root, base.offset, "shop/os", [base.root, common]).map(({ text }) => text)).toEqual([
      "shop/os",
      "shop/os",
    ]);
  });

  test.each([
    ["{$gree", "not a name", "is not a valid name of a binding"],
    ["{$gree", "app", "already declared in /w/a.imgspec"],
    ["$ap", "runtime", "already declared in /w/common.imgspec"],
    ['base image "shop/', 'x" { } image "y', "is not a valid name of an image"],
    ["pack", "x", "only bindings and images"],
  ])("after `%s` the new name `%s` is rejected", (before, name, message) => {
    const { root, offset } = cursor(before);
    expect(() => rename(root, offset, name, [root, common])).toThrow(message);
  });
});

describe("hover", () => {
  test("a setting: type, default, documentation, example", () => {
    const { root, offset } = marked('image "a" {\n  mani¦fest docker\n}');
    expect(hover(root, offset)?.markdown).toBe(
      "**manifest**: `oci` or `docker`; default `oci`\n\n" +
        "The format of the manifest: OCI image-spec v1, or Docker schema 2 version 2.\n\n```imgspec\nmanifest docker\n```",
    );
  });

  test.each([
    ['image "a" { config { healthcheck { test¦ [ "x" ] } } }', "required"],
    ['image "a" { layers { m¦ax 3 } }', "default `100`"],
    ['image "a" { layers { m¦ax 3 } }', "\n\n- from 1 to 448\n\n"],
    ['image "a" { expect { si¦ze <= 1GB } }', "may be repeated"],
    ['image "a" { compression [ gzip zstd { chunk¦ed } ] }', "**chunked**"],
    ['im¦age "a" { }', "**image**"],
    ['image "a" { files { "/x¦" directory } }', "**files**"],
  ])("%s", (text, part) => {
    const { root, offset } = marked(text);
    expect(hover(root, offset)?.markdown).toContain(part);
  });

  test("a name: its declaration", () => {
    const { root, offset } = cursor("{$gree");
    expect(hover(root, offset)?.markdown).toBe('a parameter (string)\n\n```imgspec\nparam greeting = "hi"\n```');
  });
});

test("the outline has bindings, and images with their settings", () => {
  const { root } = marked(SHOP, files);
  expect(
    documentSymbols(root).map(({ name, kind, children }) => [name, kind, children.map((each) => each.name)]),
  ).toEqual([
    ["app", "binding", []],
    ["shop/api", "image", ["base", "packages", "files"]],
  ]);
  expect(workspaceSymbols([root, common], "sb").map(({ name, file }) => [name, file])).toEqual([
    ["shop/base", "/w/common.imgspec"],
  ]);
});

test("brackets, comments and imports over several lines fold", () => {
  const text = '# a\n# b\nimport ./x\nimport ./y\nimage "a" {\n  packages [\n    hello\n  ]\n  config { }\n}\n';
  const { root } = marked(text);
  expect(folds(root).map(({ span, kind }) => [at({ text }, span).split("\n")[0], kind])).toEqual([
    ["{", "region"],
    ["[", "region"],
    ["# a", "comment"],
    ["import ./x", "imports"],
  ]);
});

test("each word has the token type of its kind", () => {
  const text =
    "let a = nix ''x\n  y'' # c\nimage \"b\" { manifest docker files { \"/x\" copy hello } packages [ $a b.c ] wrong 080 }";
  const { root } = marked(text);
  const words = [
    "let:keyword a:variable =:operator nix:keyword ''x:string   y'':string # c:comment",
    'image:keyword "b":string manifest:property docker:enumMember files:property "/x":string',
    "copy:enumMember hello:type packages:property $a:variable b.c:type 080:number",
  ];
  expect(
    semanticTokens(root)
      .map(({ span, type }) => `${at({ text }, span)}:${type}`)
      .join(" "),
  ).toBe(words.join(" "));
});

test("a string that is an entry has one token", () => {
  const text = 'image "a" { config { env [ "A=b" ] } }';
  const { root } = marked(text);
  expect(semanticTokens(root).map(({ span, type }) => `${at({ text }, span)}:${type}`)).toEqual([
    "image:keyword",
    '"a":string',
    "config:property",
    "env:property",
    '"A=b":string',
  ]);
});

test("paths that exist are links", () => {
  const { root } = marked(
    'import ./common.imgspec\nimage "a" { files { "/x" copy ./src "/y" copy ./nowhere } }',
    files,
  );
  expect(links(root, hostOf(files).exists).map(({ target }) => target)).toEqual(["/w/common.imgspec", "/w/src"]);
});

test("inlay hints show defaults and the values of references", () => {
  const text = 'let a = [ x ]\nimage "b" {\n  manifest docker\n  packages $a\n  layers {\n    max 3\n  }\n}';
  const { root } = marked(text);
  expect(inlayHints(root, { start: 0, end: text.length })).toEqual(
    [
      {
        offset: text.indexOf("{") + 1,
        text: " base scratch · output raw · …",
        whole: "base scratch · output raw · compression gzip",
      },
      { offset: text.indexOf("$a") + 2, text: " = [ x ]" },
      { offset: text.indexOf("layers {") + 8, text: " order popularity" },
    ].toSorted((left, right) => left.offset - right.offset),
  );
});

test("the hint of a long value is cut off", () => {
  const value = `[ ${"package ".repeat(9)}]`;
  const { root } = marked(`let a = ${value}\nimage "b" { packages $a }`);
  const [hint] = inlayHints(root, { start: 0, end: 1000 });
  expect(hint).toMatchObject({ text: ` = ${value.slice(0, 38)}…`, whole: `= ${value}` });
});

test("formatting edits only the lines that change, within the requested range", async () => {
  const text = 'let   a = 1\n\nimage "b"   {\n  tag    "x"\n\n\n\n  author "y"\n}\n';
  const laidOut = 'let a = 1\n\nimage "b" {\n  tag "x"\n\n  author "y"\n}\n';
  const source = { path: PATH, text };
  expect(applyEdits(text, await formatEdits(source))).toBe(laidOut);
  const line = text.indexOf("tag");
  expect(applyEdits(text, await formatEdits(source, { start: line, end: line }))).toBe(text.replace("tag    ", "tag "));
  expect(await formatEdits({ path: PATH, text: "image {" })).toEqual([]);
  // Formatting the first line alone would leave a brace behind.
  const folded = { path: PATH, text: 'image "a" {\n} tag "v1"' };
  expect(applyEdits(folded.text, await formatEdits(folded, { start: 0, end: 0 }))).toBe(`image "a" { }\ntag "v1"\n`);
});
