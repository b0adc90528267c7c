import { expect, test } from "vitest";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";

test.each([
  'image "a" { layers {\n max 3 layer "x" [ hello ]\n    layer "y" [ jq ]\n} }\n',
  'image "a" {\n files { "/a" text "b"\n      "/c" text "d"\n } }\n',
  'image "a" {\n packages [ hello ] tag "b"\n      author "c"\n }\n',
  'image "a" {\n config { user "a"\n        stop-signal "SIGINT" }\n users { a { uid 5 gid 5 } }\n provide [ users ]\n }\n',
])("valid settings need no indentation: %j", (text) => {
  const { diagnostics } = check({ path: "/a.imgspec", text }, hostOf());
  expect(diagnostics).toEqual([]);
});
