/** An image holds what it and its bases name, and nothing else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { build, files, verified } from "./tools.ts";

const closureOf = (path: string): string[] => {
  const { closure } = JSON.parse(readFileSync(join(path, "image.json"), "utf8")) as { closure: { path: string }[] };
  return closure.map((entry) => entry.path);
};

test.each(["layer", "group", "image"])("with reuse %s, no source of a copied file is a store path", async (reuse) => {
  const text = `
    image "a" {
      files { "/etc/secret" copy ./secret.txt { mode 0600 } "/run-it" copy nix ''writeText "script" "#!''\${bash}/bin/sh"'' }
      cache { reuse ${reuse} }
    }
    image "b" { base image "a" files { "/b" text "b" "/again" copy ./secret.txt { mode 0600 } } cache { reuse ${reuse} } }`;
  const spec = files({ "test.imgspec": text, "secret.txt": "secret\n" });
  for (const attribute of ["a", "b"]) {
    const { path } = await build(spec, { attribute });
    await verified(path);
    const closure = closureOf(path);
    expect(closure.filter((each) => /-(secret\.txt|script)$/.test(each))).toEqual([]);
    expect(closure.some((each) => /-bash-[\d.]+$/.test(each))).toBe(true);
  }
});
