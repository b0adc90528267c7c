import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import { importDockerfile } from "../../src/import/dockerfile/import-dockerfile.ts";
import { expand, logicalLine, splitWords } from "../../src/import/dockerfile/words.ts";
import { specText } from "../../src/import/spec-text.ts";
import { check } from "../../src/language/index.ts";

const FOLDER = join(import.meta.dirname, "dockerfiles");
const CONTEXT = join(FOLDER, "context");
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".Dockerfile"));

async function imported(text: string): Promise<string> {
  const path = join(CONTEXT, "image.imgspec");
  return (await format({ path, text: specText(importDockerfile(text, "shop", CONTEXT)) })).text;
}

function errors(text: string): string[] {
  const source = { path: join(CONTEXT, "image.imgspec"), text };
  const { diagnostics } = check(source, { read: () => undefined, exists: () => true });
  return diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

test.each(names)("%s becomes a description without mistakes", async (name) => {
  const text = await imported(readFileSync(join(FOLDER, name), "utf8"));
  expect(errors(text)).toEqual([]);
  await expect(text).toMatchFileSnapshot(join(FOLDER, name.replace(/Dockerfile$/, "imgspec")));
});

test("there are Dockerfiles of twenty kinds", () => {
  expect(names.length).toBeGreaterThanOrEqual(20);
});

test.each([
  ["$A", "one", []],
  ["${A}b", "oneb", []],
  ["'$A'", "$A", []],
  ['"$A b"', "one b", []],
  ["\\$A", "$A", []],
  ["a\\ b", "a b", []],
  ['"a\\nb"', "a\\nb", []],
  ["${B:-x$A}", "xone", []],
  ["${EMPTY:-x}", "x", []],
  ["${EMPTY-x}", "", []],
  ["${A:+y}", "y", []],
  ["${B:+y}", "", []],
  ["x$B", "x", ["B"]],
  ["$", "$", []],
] as [string, string, string[]][])("%s means %j", (raw, text, unknown) => {
  const variables = new Map([
    ["A", "one"],
    ["EMPTY", ""],
  ]);
  expect(expand(raw, (name) => variables.get(name))).toEqual({ text, unknown });
});

test("a backtick escapes if the Dockerfile says so", async () => {
  const text = await imported("# escape=`\nFROM debian:12\nENV A=a`\n  B=c\\d\n");
  expect(text).toContain('A "a"');
  expect(text).toContain('B "c\\\\d"');
});

test("continued lines are one, without comments between them", () => {
  expect(logicalLine("a \\\n# no\n  b \\\n\tc")).toMatch(/^a\s+b\s+c$/);
  expect(splitWords('a \'b c\' "d\\" e"f g\\ h')).toEqual(["a", "'b c'", '"d\\" e"f', "g\\ h"]);
});

test("instructions that cannot be imported are comments with the line", async () => {
  const text = await imported("FROM debian:12\nRUN make install\nCOPY --from=other /x /y\nEXPOSE $PORT/x\n");
  for (const comment of ["# Dockerfile:2: RUN make install", "# Dockerfile:3: COPY /x", "# Dockerfile:4: EXPOSE"])
    expect(text).toContain(comment);
});

test.each([
  "",
  "# only a comment\n",
  "RUN x\n",
  "FROM\n",
  "FROM a AS\nFROM a\n",
  "\u0000\u0001",
  'FROM a\nENV\nCOPY\nCMD [\nLABEL "\nHEALTHCHECK\nUSER\n',
])("a broken Dockerfile is imported as far as it goes: %j", async (text) => {
  expect(errors(await imported(text))).toEqual([]);
});
