import { expect, test } from "vitest";
import { check } from "../../../src/language/index.ts";

const host = { exists: () => true, read: () => undefined };

function reported(id: string) {
  const text = `image "a" { expect { licenses [ "${id}" ] } }`;
  const { diagnostics } = check({ path: "/a.imgspec", text }, host);
  const texts = (fixes: { edits: { text: string }[] }[]) =>
    fixes.flatMap(({ edits }) => edits.map((edit) => edit.text));
  return diagnostics.map(({ code, fix, choices = [] }) => ({
    code,
    fix: texts(fix === undefined ? [] : [fix]),
    choices: texts(choices),
  }));
}

test("only a fix that keeps the licence is applied at once; a similar name is a choice", () => {
  const code = "bad-license";
  expect(reported("GPL-3.0+")).toEqual([{ code, fix: ['"GPL-3.0-or-later"'], choices: [] }]);
  expect(reported("apache 2.0")).toEqual([{ code, fix: ['"Apache-2.0"'], choices: [] }]);
  expect(reported("BSD")).toEqual([{ code, fix: [], choices: ['"0BSD"'] }]);
  expect(reported("GPL-3.0")).toEqual([{ code, fix: [], choices: ['"GPL-3.0-only"', '"GPL-3.0-or-later"'] }]);
  for (const name of ["gplv3", "GPL3", "GNU General Public License v3.0"])
    expect(reported(name)).toEqual([{ code, fix: [], choices: ['"GPL-3.0-only"', '"GPL-3.0-or-later"'] }]);
  expect(reported("unfree")).toEqual([{ code, fix: [], choices: [] }]);
});

test("a licence that is both allowed and forbidden is a conflict at both places", () => {
  const conflictsOf = (licenses: string, noLicenses: string) => {
    const text = `image "a" { expect { licenses [ ${licenses} ] no-licenses [ ${noLicenses} ] } }`;
    const { diagnostics } = check({ path: "/a.imgspec", text }, host);
    return diagnostics.map(({ code, span, choices = [] }) => ({
      code,
      at: text.slice(span.start, span.end),
      left: choices.map(({ edits: [edit] }) =>
        edit === undefined ? "" : text.slice(0, edit.span.start) + edit.text + text.slice(edit.span.end),
      ),
    }));
  };
  expect(conflictsOf('"MIT" "GPL-3.0-only"', '"GPL-3.0-only"')).toEqual([
    {
      code: "conflict",
      at: '"GPL-3.0-only"',
      left: [
        'image "a" { expect { licenses [ "MIT" ] no-licenses [ "GPL-3.0-only" ] } }',
        'image "a" { expect { licenses [ "MIT" "GPL-3.0-only" ] no-licenses [ ] } }',
      ],
    },
  ]);
  // The licence with an exception is forbidden as well; a forbidden exception leaves the licence allowed.
  const [plain, excepted] = ['"GPL-2.0-only"', '"GPL-2.0-only WITH Classpath-exception-2.0"'];
  expect(conflictsOf(excepted, plain)).toMatchObject([{ code: "conflict" }]);
  expect(conflictsOf(plain, excepted)).toEqual([]);
});
