/** Images with the largest number of layers. */
import { expect, test } from "vitest";
import limits from "../../nix/layer-limits.json" with { type: "json" };
import { build, failure, files, imgc, verified } from "./tools.ts";

/** More store paths than layers, made by one derivation. */
const spec = (max: number) => `image "test/many-layers" {
  store [ nix ''(let
    outputs = builtins.genList (i: "o" + toString i) 460;
    paths = toString (map builtins.placeholder outputs);
    many = derivation {
      name = "many"; system = builtins.currentSystem; builder = "/bin/sh"; __noChroot = true; inherit outputs;
      args = [ "-c" "for path in ''\${paths}; do echo $path > $path; done" ];
    };
  in writeText "all" (toString (map (name: builtins.getAttr name many) outputs)))'' ]
  files { "/file" text "files have a layer of their own" }
  layers { max ${max} each }
  cache { reuse image }
}
`;

test("an image with the largest number of layers is built and verified", async () => {
  const { path } = await build(files({ "a.imgspec": spec(limits.most) }));
  expect(await verified(path)).toMatchObject({ layers: limits.most, paths: 461 });
});

test("a larger limit is a finding", async () => {
  const { code, stdout } = await failure(imgc("check", files({ "a.imgspec": spec(limits.most + 1) })));
  expect(code).toBe(1);
  expect(stdout).toContain(`\`${limits.most + 1}\` is out of range; write a number from 1 to ${limits.most}`);
});
