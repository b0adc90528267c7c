/** `signed-base` is a path, and only for bases from registries. */
import { expect, test } from "vitest";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";

const BASE = 'registry "example.org/base:1"';
const found = (base: string, key = "./cosign.pub") => {
  const text = `image "a" {\n  ${base}\n  expect { signed-base ${key} }\n}\n`;
  return check({ path: "/a.imgspec", text }, hostOf());
};
const codes = (base: string, key?: string) => found(base, key).diagnostics.map(({ code }) => code);

test("the path is that of a file beside the description", () => {
  expect(found(`base ${BASE}`).spec?.images[0]?.expect.signedBase).toBe("/cosign.pub");
  expect(codes(`base ${BASE}`, "./other.pub")).toEqual(["missing-file"]);
  expect(codes(`base ${BASE}`, '"cosign.pub"')).toEqual(["quoted-path"]);
});

test("a base from elsewhere, or no base, is a conflict at the setting", () => {
  for (const base of ["base scratch", "base layout ./src", "base nix ''import ./base.nix''", ""]) {
    const { diagnostics } = found(base);
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      [
        "conflict",
        "`signed-base` cannot be combined with a base that is not in a `registry`; use `base registry`, or remove `signed-base`",
      ],
    ]);
    expect(diagnostics[0]?.choices).toHaveLength(1);
  }
});
