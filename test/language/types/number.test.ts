import { expect, test } from "vitest";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";

test.each([
  ['cache { binary-cache "./c" { keep 120d } }', "`120d` is out of range; write at most 104d"],
  ["expect { size <= 9000TiB }", "`9000TiB` is out of range; write at most 8191TiB"],
  ["layers { max 500 }", "`500` is out of range; write a number from 1 to 448"],
])("the limits of a number have the unit of its type: %s", (setting, message) => {
  expect(
    check({ path: "/a.imgspec", text: `image "a" { ${setting} }\n` }, hostOf()).diagnostics.map((each) => each.message),
  ).toContain(message);
});
