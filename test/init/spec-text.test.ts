import fc from "fast-check";
import { expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import { imageName, kinds, type Kind, type Project } from "../../src/init/project.ts";
import { specText } from "../../src/init/spec-text.ts";
import { check, parse, writeString } from "../../src/language/index.ts";
import { plainText } from "../../src/language/syntax/tree.ts";

const application = fc.record({
  path: fc.string({ unit: "grapheme", minLength: 1 }).map((name) => `./${name}`),
  isFile: fc.boolean(),
  main: fc.string({ unit: "grapheme", minLength: 1 }),
  isMainFound: fc.boolean(),
});
const projects: fc.Arbitrary<Project> = fc.record({
  kind: fc.constantFrom(...(Object.keys(kinds) as Kind[])),
  name: fc.string().map((name) => imageName(`/${name}`)),
  package: fc.constantFrom("hello", "python3Packages.flask", 'xorg."libX11"'),
  application: fc.option(application, { nil: undefined }),
  libraries: fc.subarray(["flask", "gunicorn", "typing-extensions"]),
  start: fc.option(fc.array(fc.string({ unit: "grapheme" })), { nil: undefined }),
  port: fc.option(fc.constant(8000), { nil: undefined }),
  program: fc.constantFrom("shop", "a-b"),
  hasDependencies: fc.boolean(),
  hasLock: fc.boolean(),
});

test("the description of any project has no diagnostics, and formatting keeps it", async () => {
  const path = "/a.imgspec";
  await fc.assert(
    fc.asyncProperty(projects, async (project) => {
      const { text, diagnostics } = await format({ path, text: specText(project, true) });
      expect(diagnostics).toEqual([]);
      expect(check({ path, text }, { read: () => undefined, exists: () => true }).diagnostics).toEqual([]);
      expect((await format({ path, text })).text).toBe(text);
    }),
  );
});

test("a string that writeString wrote is parsed as the same text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { document, diagnostics } = parse({ path: "/a", text: `tag ${writeString(text)}` });
      const [value] = document.settings[0]?.values ?? [];
      expect(diagnostics.filter(({ code }) => code !== "unknown-setting")).toEqual([]);
      expect(value && plainText(value)).toBe(text);
    }),
  );
});
