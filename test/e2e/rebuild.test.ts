import { expect, test } from "vitest";
import { buildText, files, imgc, verified } from "./tools.ts";

/** An application of one file with references, and a library. */
const spec = (version: string, grain = "layer", more = "") => `
let app = nix ''writeText "app" "${version} ''\${python3} ''\${openssl}"''
image "test/rebuild-${grain}" {
  store [ $app ]
  layers { layer "runtime" [ python3 ] each }
  config { cmd [ "\${python3}/bin/python3" "\${$app}" ] }
  cache { reuse ${grain} }
  ${more}
}
`;

const stamp = `${Date.now()}`;

test("reuse layer: a changed app rebuilds the plan, its own layer and the image, nothing else", async () => {
  const first = await buildText(spec(`${stamp}-1`));
  const second = await buildText(spec(`${stamp}-2`));
  const name = "test-rebuild-layer";
  expect(second.built.toSorted()).toEqual(
    ["app", "layer.json", name, `${name}-content.json`, `${name}-plan.json`].toSorted(),
  );
  const [before, after] = [await verified(first.path), await verified(second.path)];
  expect(after.digests).not.toEqual(before.digests);
  expect(after.layers).toBe(before.layers);
  expect((await buildText(spec(`${stamp}-2`))).built).toEqual([]);
});

test("reuse layer: a change of files or config rebuilds no layer of store paths", async () => {
  await buildText(spec(`${stamp}-2`));
  const { built } = await buildText(
    spec(`${stamp}-2`, "layer", `files { "/stamp" text "${stamp}" } author "${stamp}"`),
  );
  const name = "test-rebuild-layer";
  // The rebuilt layer is that of the files.
  expect(built.toSorted()).toEqual(["layer.json", name, `${name}-content.json`, `${name}-plan.json`].toSorted());
});

test("reuse group: no named group is rebuilt; reuse image: all layers are one derivation", async () => {
  for (const grain of ["group", "image"]) {
    await buildText(spec(`${stamp}-${grain}-1`, grain));
    const { built, path } = await buildText(spec(`${stamp}-${grain}-2`, grain));
    const name = `test-rebuild-${grain}`;
    expect(built.toSorted()).toEqual(
      ["app", name, `${name}-content.json`, `${name}-remainder`, "layer.json"].toSorted(),
    );
    await verified(path);
  }
});

test("the kinds of reuse differ in derivations, not in the image", async () => {
  const digests = await Promise.all(
    ["layer", "group", "image"].map(async (grain) => {
      const { path } = await buildText(`image "test/grain" {
        packages [ hello jq ]
        layers { layer "c" [ glibc ] rest }
        cache { reuse ${grain} }
      }`);
      return (await verified(path)).digests;
    }),
  );
  expect(digests[1]).toEqual(digests[0]);
  expect(digests[2]).toEqual(digests[0]);
});

test("small layers share derivations, which a changed app leaves as they are", async () => {
  const libraries = Array.from({ length: 24 }, (_, i) => `(writeText "lib${i}" "${stamp}")`).join(" ");
  const many = (version: string, grain: string) => `image "test/batches" {
    store [ nix ''writeText "app" (toString [ "${version}" ${libraries} ])'' ]
    cache { reuse ${grain} }
  }`;
  const plan = await imgc("plan", files({ "a.imgspec": many("1", "layer") }));
  expect(plan.stdout).toMatch(/^ 25 .* app$/m);
  const first = await buildText(many("1", "layer"));
  const batches = first.built.filter((name) => name === "layers").length;
  expect(batches).toBeGreaterThan(1);
  expect(first.built.filter((name) => name === "layer.json").length).toBeLessThan(6);
  const image = await verified(first.path);
  expect(image.layers).toBe(26);
  const { path } = await buildText(many("1", "image"));
  expect((await verified(path)).digests).toEqual(image.digests);
  const second = await buildText(many("2", "layer"));
  expect(second.built.toSorted()).toEqual(["app", "layer.json", "test-batches", "test-batches-plan.json"]);
});
