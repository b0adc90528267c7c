/** `imgc plan` of a description shows the layers that its build makes, before the build. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { ociLayout } from "./base-images.ts";
import { failure, files, folder, imgc } from "./tools.ts";

/** Differs in each run, so that no layer of these images is built before. */
const stamp = `${Date.now()}`;

/** The rows of the layers, without the title. */
async function rows(...args: string[]): Promise<string[]> {
  const { stdout } = await imgc("plan", ...args);
  return stdout.split("\n").filter((line) => /^ *\d+ +\S+ k?M?B /.test(line));
}

/** The rows of the plan before the build, and of the built image. */
async function plans(spec: string, { image = [], part = "" }: { image?: string[]; part?: string } = {}) {
  const before = await rows(spec, ...image);
  const link = join(folder(), "result");
  const { stdout } = await imgc("build", spec, ...image, "-o", link);
  expect(stdout).toMatch(/^layers .* built/m);
  return { before, after: await rows(join(link, part)) };
}

test("layer blocks, files and a foreign base below a base of the file", async () => {
  const at = folder();
  ociLayout(at, { layers: [{ "etc/os-release": "x" }, { "srv/data": { bytes: Buffer.alloc(5000) } }] });
  const spec = files(
    {
      "a.imgspec": `image "test/below" { base layout ./layout packages [ bash ] }
        image "test/above" {
          base image "test/below"
          packages [ hello ]
          store [ nix ''writeText "app" "${stamp} ''\${jq}"'' ]
          files {
            "/etc/motd" text "${stamp}"
            "/srv/app" copy ./app { mode 0700 }
          }
          permissions { "/nix/store/*-app" { mode 0400 } }
          layers { layer "tools" [ jq ] auto }
        }`,
      "app/one": "1".repeat(1000),
      "app/two": stamp,
    },
    at,
  );
  const { before, after } = await plans(spec, { image: ["--image", "test/above"] });
  expect(before).toEqual(after);
  expect(before.slice(0, 2).map((row) => row.slice(22).trim())).toEqual(["base layer 1", "base layer 2"]);
  expect(before.join("\n")).toMatch(/ layer "tools" +\S+/);
  expect(before.at(-1)).toMatch(/ files +\/bin\/hello, \/etc\/motd, \/srv\/app/);
});

test("the database of Nix, and layers of packs", async () => {
  const spec = files({
    "a.imgspec": `image "test/packs" {
      packages [ hello ]
      files { "/etc/motd" text "${stamp}" }
      nix { }
      cache { reuse group }
      layers { layer "tools" [ hello ] auto }
    }`,
  });
  const { before, after } = await plans(spec);
  expect(before).toEqual(after);
  expect(before.at(-1)).toContain(" database ");
});

test("of several platforms, that of this machine", async () => {
  const spec = files({
    "a.imgspec": `image "test/two" {
      platforms [ linux/arm64 linux/amd64 ]
      packages [ hello ]
      files { "/etc/motd" text "${stamp}" }
    }`,
  });
  const { before, after } = await plans(spec, { part: "images/001" });
  expect(before).toEqual(after);
  const { stderr } = await imgc("plan", spec);
  expect(stderr).toBe("the plan for linux/amd64; --platform chooses another of linux/arm64, linux/amd64\n");
  expect(await rows(spec, "--platform", "linux/arm64")).not.toEqual(before);
});

test("a mistake that only Nix finds is shown once, in a file with one image and in a file with two", async () => {
  const unused = "let unused = [ hello ]\n";
  const wrong = 'image "test/wrong" { packages [ hello nosuch ] }\n';
  for (const more of ["", 'image "test/right" { packages [ hello ] }\n']) {
    const spec = files({ "a.imgspec": unused + wrong + more });
    const failed = await failure(imgc("plan", spec));
    expect(failed.code).toBe(1);
    expect(failed.stderr.match(/\[[a-z-]+\]$/gm)).toEqual(["[unused-binding]", "[unknown-package]"]);
  }
});
