import { writeFileSync } from "node:fs";
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

test("reuse layer: a changed app rebuilds the plan, which makes the app's layer, and the image, nothing else", async () => {
  const first = await buildText(spec(`${stamp}-1`));
  const second = await buildText(spec(`${stamp}-2`));
  const name = "test-rebuild-layer";
  expect(second.built.toSorted()).toEqual(["app", name, `${name}-content.json`, `${name}-plan`].toSorted());
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
  expect(built.toSorted()).toEqual(["layer.json", name, `${name}-content.json`, `${name}-plan`].toSorted());
});

test("reuse layer: the plan makes a small layer of files that name the application, too", async () => {
  const links = (version: string) => spec(`${stamp}-links-${version}`, "layer", `files { "/app" link "\${$app}" }`);
  await buildText(links("1"));
  const { built, path } = await buildText(links("2"));
  const name = "test-rebuild-layer";
  expect(built.toSorted()).toEqual(["app", name, `${name}-content.json`, `${name}-plan`].toSorted());
  await verified(path);
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

test("small layers share derivations: a changed app runs none of these again, and a new library only one", async () => {
  const library = (name: string) => `(writeText "${name}" "${stamp}")`;
  const libraries = Array.from({ length: 24 }, (_, i) => library(`lib${i}`)).join(" ");
  const many = (version: string, grain: string, more = "") => `image "test/batches" {
    store [ nix ''writeText "app" (toString [ "${version}" ${libraries} ${more} ])'' ]
    cache { reuse ${grain} }
  }`;
  const file = files({ "a.imgspec": many("1", "layer") });
  const buildLocked = async () => {
    const { stdout } = await imgc("build", file, "--no-link", "--json");
    const { images, built } = JSON.parse(stdout) as { images: [{ output: string }]; built: { name: string }[] };
    return { path: images[0].output, built: built.map(({ name }) => name).toSorted() };
  };
  const plan = await imgc("plan", file);
  expect(plan.stdout).toMatch(/^ 25 .* app$/m);
  const first = await buildLocked();
  const batches = first.built.filter((name) => name === "layers").length;
  expect(batches).toBeGreaterThan(0);
  expect(first.built.filter((name) => name === "layer.json").length).toBeLessThan(6);
  const image = await verified(first.path);
  expect(image.layers).toBe(26);
  const other = await buildText(many("1", "image"));
  expect((await verified(other.path)).digests).toEqual(image.digests);
  writeFileSync(file, many("2", "layer"));
  const name = "test-batches";
  expect((await buildLocked()).built).toEqual(["app", name, `${name}-plan`]);
  writeFileSync(file, many("2", "layer", library("more")));
  expect((await buildLocked()).built).toEqual(["app", "layers", "more", name, `${name}-plan`]);
});
