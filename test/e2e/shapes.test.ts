/** Packages with shapes found in nixpkgs (test/nixpkgs/shapes.nix). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import type { ImageFile } from "../../src/image/image-file.ts";
import { buildText, EXAMPLES, failure, files, folder, imgc, tool } from "./tools.ts";

const nameOf = (path: string) => path.slice("/nix/store/".length + 33);

/** Names of the store paths of an image of packages of `shapes`. */
async function closure(settings: string): Promise<string[]> {
  const { path } = await buildText(`image "test/shapes" { ${settings} }`);
  return imageFile(path).closure.map((entry) => nameOf(entry.path));
}

function imageFile(path: string): ImageFile {
  return readImageDirectory(path).file;
}

test("outputs to install and selected outputs are in the image", async () => {
  const { path } = await buildText(
    `image "test/shapes" {
      packages [ shapes.lz4 shapes.ssl.dev shapes.careless shapes.silent shapes.functor nix ''${EXAMPLES}/flask'' ]
      output oci-archive
    }`,
  );
  const tree = folder();
  await tool("skopeo", ["--insecure-policy", "copy", "--quiet", `oci-archive:${path}`, `dir:${tree}`]);
  const manifest = JSON.parse(readFileSync(join(tree, "manifest.json"), "utf8")) as { layers: { digest: string }[] };
  const listed = await Promise.all(
    manifest.layers.map(async ({ digest }) => {
      const blob = join(tree, digest.slice("sha256:".length));
      return (await tool("tar", ["--list", "--zstd", "--file", blob])).stdout.split("\n");
    }),
  );
  const found = listed.flat();
  const names = found.map((name) => /^nix\/store\/[^/]{33}([^/]+)\/$/.exec(name)?.[1]).filter((name) => name);
  expect(names).toEqual(expect.arrayContaining(["lz4-1.10.0", "lz4-1.10.0-man", "lz4-1.10.0-lib", "ssl-3.0-dev"]));
  expect(names).toEqual(expect.arrayContaining(["careless-1.0", "silent-1.0", "functor-1.0", "flask"]));
  for (const name of ["lz4-1.10.0-dev", "ssl-3.0", "ssl-3.0-bin", "careless-1.0-dev"])
    expect(names).not.toContain(name);
  expect(found).toEqual(expect.arrayContaining(["bin/lz4", "share/man", "bin/careless", "bin/functor"]));
});

test("if two packages have the same file, the one with the lower `meta.priority` is linked", async () => {
  const { path } = await buildText('image "test/priority" { packages [ shapes.gcc shapes.compiler ] }', {
    attribute: "content",
  });
  const { entries } = JSON.parse(readFileSync(path, "utf8")) as { entries: { path: string; target?: string }[] };
  const { target = "" } = entries.find((entry) => entry.path === "/bin/gcc") ?? {};
  expect(nameOf(target)).toBe("gcc-14.3.0/bin/gcc");
});

test("a package named in a layer adds no unrequested output", async () => {
  const settings = (reuse: string) => `
    packages [ shapes.server ]
    layers { layer "ssl" [ shapes.ssl ] layer "lz4" [ shapes.lz4 ] auto }
    cache { reuse ${reuse} }
    expect { absent [ shapes.ssl.bin shapes.ssl.dev shapes.lz4.dev shapes.lz4.out ] present [ shapes.ssl.out ] }`;
  const [layer, group, image] = await Promise.all(["layer", "group", "image"].map((reuse) => closure(settings(reuse))));
  expect(layer).toEqual(expect.arrayContaining(["server-1.0", "ssl-3.0", "lz4-1.10.0-lib"]));
  expect(group).toEqual(layer);
  expect(image).toEqual(layer);
});

test("an absent wrapper also excludes the wrapped program, but not libraries", async () => {
  const built = (packages: string, absent: string) =>
    buildText(`image "test/shapes" { store [ ${packages} ] expect { absent [ ${absent} ] } }`);
  await built("shapes.compiled shapes.linker", "shapes.gcc shapes.editor");
  const error = await failure(built("shapes.compiler shapes.editor-unwrapped", "shapes.gcc shapes.editor"));
  expect(error.stderr).toMatch(/expect absent gcc: \/nix\/store\/\w{32}-gcc-14\.3\.0 is in the image/);
  expect(error.stderr).toMatch(/expect absent editor-unwrapped: /);
  await buildText(`image "test/shapes" { store [ shapes.compiler ] expect { present [ shapes.gcc ] } }`);
});

test("licences of the compiler's libraries and of a base's packages are known", async () => {
  const { path } = await buildText(
    `image "test/base" { store [ shapes.compiled ] }
     image "test/child" { base image "test/base" packages [ shapes.lz4 shapes.ssl shapes.careless ] }`,
    { attribute: "child" },
  );
  const { metadata } = imageFile(path);
  const known = Object.fromEntries(metadata.map((entry) => [nameOf(entry.path), entry.licenses]));
  expect(known).toMatchObject({
    "compiled-1.0": [{ id: "MIT OR LicenseRef-odd-one" }],
    "gcc-14.3.0-lib": [{ id: "GPL-3.0-or-later WITH GCC-exception-3.1" }],
    "libc-2.40": [{ id: "LGPL-2.1-or-later" }],
    "lz4-1.10.0": [{ id: "BSD-2-Clause" }, { id: "GPL-2.0-or-later" }],
    "careless-1.0": [],
  });
  expect(metadata.find(({ cpe }) => cpe !== undefined)).toMatchObject({
    cpe: "cpe:2.3:a:openssl:openssl:3.0:*:*:*:*:*:*:*",
    purl: "pkg:github/openssl/openssl@openssl-3.0",
  });
});

/** Evaluates an image of ten packages; each of their inputs carries `size` more attributes, and some that abort. */
async function evaluated(size: number): Promise<Record<string, number>> {
  const spec = files({
    "ten.imgspec": `image "test/ten" {
      packages [ ${Array.from({ length: 10 }, (_, i) => `nix ''ten.p${i}''`).join(" ")} ]
      cache { reuse group }
    }`,
  });
  const image = files({ "ten.nix": (await imgc("compile", spec)).stdout });
  const expression = `
    let
      pkgs = import <nixpkgs> { };
      inherit (pkgs.shapes) make;
      numbers = builtins.genList toString;
      input = i: make {
        pname = "input\${i}";
        passthru = {
          tests = map (name: { \${name} = abort "a test is looked at"; }) (numbers ${size});
          updateScript = abort "an update script is looked at";
          override = abort "override is looked at";
        };
        meta = { maintainers = abort "maintainers are looked at"; platforms = abort "platforms are looked at"; };
      };
      package = i: make { pname = "p\${i}"; buildInputs = [ (input i) ]; passthru.tests = abort "a test is looked at"; };
      ten = builtins.listToAttrs (map (i: { name = "p\${i}"; value = package i; }) (numbers 10));
    in
    (import ${image} { pkgs = pkgs // { inherit ten; }; }).drvPath`;
  const statistics = join(folder(), "statistics.json");
  await tool("nix-instantiate", ["--eval", "--read-write-mode", "-E", expression], {
    NIX_SHOW_STATS: "1",
    NIX_SHOW_STATS_PATH: statistics,
  });
  const { nrFunctionCalls, nrThunks, nrPrimOpCalls } = JSON.parse(readFileSync(statistics, "utf8")) as Record<
    string,
    number
  >;
  return { nrFunctionCalls, nrThunks, nrPrimOpCalls } as Record<string, number>;
}

test("evaluation forces no unneeded attribute", async () => {
  expect(await evaluated(10_000)).toEqual(await evaluated(10));
});
