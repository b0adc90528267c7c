import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { formats } from "../../src/diagnostics/formats/index.ts";
import { check } from "../../src/language/index.ts";

const text = 'image "a" {\n  tag "v1"\n  tag "v2"\n  manifest dokcer\n}\n';
const path = "/specs/50%, a:b.imgspec";
const { diagnostics, sources } = check({ path, text }, { read: () => undefined, exists: () => true });
const report = {
  diagnostics,
  sources,
  files: [path],
  colours: false,
  width: Infinity,
  name: (of: string) => of.replace("/specs/", ""),
};

test("unix: a line for each diagnostic, with place and code", () => {
  const lines = formats.unix(report).trim().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^50%, a:b\.imgspec:3:3: error: .*`tag`.* \[doubled-setting\]$/);
  expect(lines[1]).toMatch(/^50%, a:b\.imgspec:4:12: error: .*`dokcer`.* \[unknown-word\]$/);
});

test("github: properties are escaped, and places on one line have columns", () => {
  const [first = "", second = ""] = formats.github(report).trim().split("\n");
  expect(first).toMatch(
    /^::error title=doubled-setting,file=50%25%2C a%3Ab\.imgspec,line=3,endLine=3,col=3,endColumn=\d+::/,
  );
  expect(second).toContain("line=4,");
});

test("json: ranges with offsets, related places and fixes", () => {
  interface Document {
    version: number;
    files: string[];
    diagnostics: { code: string; range: { start: object }; related: object[]; fix?: { edits: { text: string }[] } }[];
    summary: object;
  }
  const document = JSON.parse(formats.json(report)) as Document;
  expect(document).toMatchObject({ version: 1, files: ["50%, a:b.imgspec"], summary: { errors: 2, warnings: 0 } });
  const [doubled, word] = document.diagnostics;
  expect(doubled?.range.start).toEqual({ line: 3, column: 3, offset: text.indexOf('tag "v2"') });
  expect(doubled?.related).toEqual([
    expect.objectContaining({
      range: expect.objectContaining({ start: { line: 2, column: 3, offset: 14 } }) as object,
    }),
  ]);
  expect(word?.fix?.edits.map((edit) => edit.text)).toEqual(["docker"]);
});

test("sarif: each rule is listed once, results refer to rules, and URIs are escaped", () => {
  interface Log {
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; ruleIndex: number; locations: object[]; fixes?: object[] }[];
    }[];
  }
  const [run] = (JSON.parse(formats.sarif(report)) as Log).runs;
  const rules = run?.tool.driver.rules ?? [];
  expect(rules.map(({ id }) => id)).toEqual(["doubled-setting", "unknown-word"]);
  for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex]?.id).toBe(ruleId);
  expect(run?.results[1]?.locations).toEqual([
    {
      physicalLocation: {
        artifactLocation: { uri: "50%25%2C%20a%3Ab.imgspec" },
        region: { startLine: 4, startColumn: 12, endLine: 4, endColumn: 18 },
      },
    },
  ]);
});

/** The lines of a file's diagnostics on a terminal of 80 columns, with colors, which are removed again. */
function pretty80(source: string): string[] {
  const checked = check({ path, text: source }, { read: () => undefined, exists: () => true });
  const output = formats.pretty({ ...report, ...checked, colours: true, width: 80 });
  return stripVTControlCharacters(output).trimEnd().split("\n");
}

test("pretty: lines fit the terminal; messages continue with an indent", () => {
  const [first = "", second = "", ...rest] = pretty80('image "Shop API" { }\n');
  expect(first).toMatch(/^50%, a:b\.imgspec:1:7 error: "Shop API" is not the name of an image; /);
  expect(second).toMatch(/^ {4}\S/);
  expect(Math.max(...[first, second, ...rest].map((line) => line.length))).toBeLessThanOrEqual(80);
});

test.each([
  ["at its start", `\ttga "${"x".repeat(100)}"`, "tga"],
  ["in its middle", `  config { env { A "${"x".repeat(300)}" } }; usr 1; tag "${"y".repeat(300)}"`, "usr"],
  ["at its end", `  env { A "${"x".repeat(70)}" }; usr`, "usr"],
])(
  "pretty: the excerpt of a long line, with a place %s, shows the place in the columns of the terminal",
  (_, line, word) => {
    const lines = pretty80(`image "a" {\n${line.replaceAll("; ", " ")}\n}\n`);
    expect(Math.max(...lines.map((each) => each.length))).toBeLessThanOrEqual(80);
    const marked = lines.flatMap((each, i) => {
      const column = each.indexOf("^");
      return /^ +\| +\^+$/.test(each) ? [lines[i - 1]?.slice(column, each.length)] : [];
    });
    expect(marked).toContain(word);
    expect(lines.join("\n")).toContain("…");
  },
);
