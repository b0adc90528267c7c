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
  expect(reported("gplv3")).toEqual([{ code, fix: [], choices: [] }]);
});
