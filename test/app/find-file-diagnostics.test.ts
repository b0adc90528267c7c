import { expect, test } from "vitest";
import { findFileDiagnostics } from "../../src/app/find-file-diagnostics.ts";
import { list } from "../../src/app/read-spec.ts";
import { files } from "../e2e/tools.ts";

test("the diagnostics of another process about files are returned, and no other diagnostics", async () => {
  const place = { start: { offset: 3 }, end: { offset: 5 } };
  const found = ["unknown-setting", "copied-secret", "bad-key"].map((code) => ({
    code,
    message: `about ${code}`,
    range: place,
  }));
  const output = JSON.stringify({ diagnostics: found });
  const program = files({ "imgc.mjs": `process.stdout.write(${JSON.stringify(output)});\nprocess.exitCode = 1;\n` });
  expect(await findFileDiagnostics(program, "/a.imgspec", new AbortController().signal)).toMatchObject([
    { code: "copied-secret", severity: "warning", file: "/a.imgspec", span: { start: 3, end: 5 } },
    { code: "bad-key", severity: "error" },
  ]);
});

test("editors list folders with a slash, and an unreadable folder as empty", () => {
  const file = files({ "a.txt": "", "sub/b.txt": "" });
  expect(list(`${file}/..`)).toEqual([]);
  expect(list(file.replace("/a.txt", "")).toSorted()).toEqual(["a.txt", "sub/"]);
});
