import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { files, folder } from "../../e2e/tools.ts";
import { UNPRINTABLE } from "../../fuzz/unprintable.ts";
import { runHere } from "../run.ts";

const cwd = folder;
const TEXT =
  'let x = 1\nimage "a, b: 100%" {\n  tga "v1"\n}\nimage "c" { base image "d" }\nimage "d" { base image "c" }\n';

async function shown(format: string): Promise<string> {
  const at = cwd();
  files({ "sub dir/a.imgspec": TEXT }, at);
  return (await runHere(["check", "--format", format, "sub dir/a.imgspec"], { cwd: at })).stdout;
}

/** The first line of a diagnostic's page. */
const page = (url: string) => readFileSync(new URL(url), "utf8").split("\n")[0];

/** The used parts of SARIF 2.1.0, as in its specification: required properties and their types. */
const text = { type: "object", required: ["text"], properties: { text: { type: "string", minLength: 1 } } };
const positive = { type: "integer", minimum: 1 };
const region = {
  type: "object",
  required: ["startLine", "startColumn", "endLine", "endColumn"],
  properties: { startLine: positive, startColumn: positive, endLine: positive, endColumn: positive },
  additionalProperties: false,
};
const artifactLocation = {
  type: "object",
  required: ["uri"],
  properties: { uri: { type: "string", pattern: "^[!#-;=?-\\[\\]_a-z~]+$" } },
};
const location = {
  type: "object",
  required: ["physicalLocation"],
  properties: {
    id: { type: "integer", minimum: -1 },
    message: text,
    physicalLocation: {
      type: "object",
      required: ["artifactLocation", "region"],
      properties: { artifactLocation, region },
    },
  },
  additionalProperties: false,
};
const level = { enum: ["none", "note", "warning", "error"] };
const rule = {
  type: "object",
  required: ["id", "shortDescription", "fullDescription"],
  properties: {
    id: { type: "string" },
    shortDescription: text,
    fullDescription: text,
    help: text,
    helpUri: { type: "string" },
    defaultConfiguration: { type: "object", properties: { level } },
  },
  additionalProperties: false,
};
const change = {
  type: "object",
  required: ["artifactLocation", "replacements"],
  properties: {
    artifactLocation,
    replacements: {
      type: "array",
      minItems: 1,
      items: { type: "object", required: ["deletedRegion"], properties: { deletedRegion: region } },
    },
  },
};
const result = {
  type: "object",
  required: ["ruleId", "message", "locations"],
  properties: {
    ruleId: { type: "string" },
    ruleIndex: { type: "integer", minimum: 0 },
    level,
    message: text,
    locations: { type: "array", items: location },
    relatedLocations: { type: "array", items: location },
    fixes: {
      type: "array",
      items: {
        type: "object",
        required: ["artifactChanges"],
        properties: { description: text, artifactChanges: { type: "array", minItems: 1, items: change } },
      },
    },
  },
  additionalProperties: false,
};
const sarif = {
  type: "object",
  required: ["version", "runs"],
  properties: {
    $schema: { type: "string" },
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      items: {
        type: "object",
        required: ["tool"],
        properties: {
          tool: {
            type: "object",
            required: ["driver"],
            properties: {
              driver: { type: "object", required: ["name"], properties: { rules: { type: "array", items: rule } } },
            },
          },
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
          results: { type: "array", items: result },
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};

interface Sarif {
  runs: {
    tool: { driver: { rules: { id: string; helpUri: string }[] } };
    results: { ruleId: string; ruleIndex: number }[];
  }[];
}

test("SARIF has the specified form, and lists the violated rules", async () => {
  const log = JSON.parse(await shown("sarif")) as Sarif;
  const validate = new Ajv({ allErrors: true }).compile(sarif);
  validate(log);
  expect(validate.errors).toBeNull();
  const [only] = log.runs;
  const rules = only?.tool.driver.rules.map(({ id }) => id);
  expect(rules).toEqual(["bad-image-name", "cycle", "unknown-setting", "unused-binding"]);
  for (const { id, helpUri } of only?.tool.driver.rules ?? []) expect(page(helpUri)).toContain(id);
  for (const { ruleId, ruleIndex } of only?.results ?? []) expect(rules?.[ruleIndex]).toBe(ruleId);
});

test("GitHub annotations escape special characters", async () => {
  const [unused, name] = (await shown("github")).split("\n");
  expect(unused).toMatch(
    /^::warning title=unused-binding,file=sub dir\/a.imgspec,line=1,endLine=1,col=5,endColumn=6::/,
  );
  expect(name).toContain('::"a, b: 100%25" is not the name of an image');
});

test("JSON has lines and columns from 1, offsets from 0, related places and fixes", async () => {
  const {
    diagnostics,
    summary,
    files: checked,
  } = JSON.parse(await shown("json")) as {
    files: string[];
    diagnostics: { code: string; url: string; range: unknown; related: unknown[]; fix?: unknown }[];
    summary: unknown;
  };
  expect({ checked, summary }).toEqual({ checked: ["sub dir/a.imgspec"], summary: { errors: 3, warnings: 1 } });
  expect(diagnostics.find(({ code }) => code === "unknown-setting")).toMatchObject({
    range: { start: { line: 3, column: 3, offset: 33 }, end: { line: 3, column: 6, offset: 36 } },
    fix: { title: "write `tag`", edits: [{ file: "sub dir/a.imgspec", text: "tag" }] },
  });
  for (const { code, url } of diagnostics) expect(page(url)).toContain(code);
  expect(diagnostics.find(({ code }) => code === "cycle")?.related).toHaveLength(2);
});

test("controls in a text do not reach the terminal", async () => {
  const at = cwd();
  files({ "a.imgspec": 'image "a" {\n  \x1b[31mred \x07bell\n  user\x9b2J "x"\n}\nimage "a" { tag "\x1b" }\n' }, at);
  for (const format of ["pretty", "unix", "github"]) {
    const { stdout } = await runHere(["check", "--format", format, "a.imgspec"], { cwd: at });
    expect(stdout).toContain("unexpected `");
    expect(stdout).not.toMatch(/[^\t\n\P{Cc}]/u);
  }
});

test.each(["pretty", "unix", "json", "sarif", "github"])(
  "%s: controls in a file's name reach neither a terminal nor a runner",
  async (format) => {
    const at = cwd();
    const name = "a\n::error::x\u001b[31m\u202egnp.imgspec";
    files({ [name]: 'image "a" {\n  tga "v1"\n}\n' }, at);
    for (const args of [[name], ["."], [`${name}x`]]) {
      const { stdout, stderr } = await runHere(["check", "--format", format, ...args], { cwd: at });
      const output = stdout + stderr;
      expect(output).toContain("error");
      expect(output).not.toMatch(UNPRINTABLE);
      expect(output).not.toMatch(/^\s*::error::x/m);
    }
  },
);
