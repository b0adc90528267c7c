/** All ways to build copy the same files of a folder, and a build leaves no file that the next build would copy. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { build, failure, files, folder, imgc, IMGC, tool, verified } from "./tools.ts";

const NIXPKGS = join(import.meta.dirname, "../nixpkgs");

/** The names in the layers of an image without compression. */
async function namesIn(image: string): Promise<string[]> {
  const archive = join(folder(), "image.tar");
  const unpacked = folder();
  await imgc("export", image, "--to", "docker-archive", "-o", archive);
  await tool("tar", ["-xf", archive, "-C", unpacked]);
  const layers = readdirSync(unpacked, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tar"));
  return layers.flatMap((name) =>
    execFileSync("tar", ["-tf", join(unpacked, name)], { encoding: "utf8" })
      .split("\n")
      .filter(Boolean),
  );
}

test("a copy of the build's own folder is stable, and the same in a flake", async () => {
  const spec = files({
    "app.imgspec": `image "test/copy" {
      compression none
      files {
        "/app"  copy ./.
        "/dist" copy ./dist
        "/conf" copy ./conf { all exclude [ "*.tmp" ] }
        "/real" copy ./current
        "/run"  copy ./run
      }
    }`,
    ".gitignore": ".env\n/dist\nnode_modules/\n",
    ".env": "SECRET=1\n",
    "dist/deep/.env": "SECRET=2\n",
    "dist/deep/a.js": "1\n",
    "dist/.gitignore": ".env\n",
    "node_modules/x/index.js": "1\n",
    "conf/imgc.lock": "mine\n",
    "conf/a.tmp": "",
    "real/run": "#!/bin/sh\n",
  });
  const root = dirname(spec);
  execFileSync("git", ["init", "--quiet", root]);
  mkdirSync(join(root, "empty"));
  chmodSync(join(root, "real/run"), 0o755);
  symlinkSync("real", join(root, "current"));
  symlinkSync("real/run", join(root, "run"));
  const digestOf = async (link = "result") => {
    const { stdout } = await tool("sh", [
      "-c",
      'cd "$1" && exec node "$2" build app.imgspec --json -o "$3"',
      "-",
      root,
      IMGC,
      link,
    ]);
    return (JSON.parse(stdout) as { images: { digest: string }[] }).images[0]?.digest;
  };
  const digest = await digestOf();
  expect(existsSync(join(root, "result")) && existsSync(join(root, "imgc.lock"))).toBe(true);

  const flake = join(root, "flake");
  await imgc("compile", spec, "--nixpkgs", NIXPKGS, "--flake", flake);
  const sources = readdirSync(flake, { recursive: true, encoding: "utf8" });
  expect(sources.filter((name) => /\.env|node_modules|-conf\/a\.tmp/.test(name))).toEqual([]);
  const result = join(folder(), "result");
  await tool("nix", ["build", `path:${flake}`, "-o", result]);
  expect((await verified(result)).digests).toEqual([digest]);
  // The flake can be replaced, and is not in the next image.
  await imgc("compile", spec, "--nixpkgs", NIXPKGS, "--flake", flake);
  expect(await digestOf("result-2")).toBe(digest);
  expect(await digestOf()).toBe(digest);
  expect((await verified((await build(spec)).path)).digests).toEqual([digest]);

  expect((await namesIn(result)).filter((name) => /^(?:app|conf|dist|real|run)/.test(name)).toSorted()).toEqual([
    "app/",
    "app/.gitignore",
    "app/app.imgspec",
    "app/conf/",
    "app/conf/a.tmp",
    "app/current",
    "app/empty/",
    "app/real/",
    "app/real/run",
    "app/run",
    "conf/",
    "conf/imgc.lock",
    "dist/",
    "dist/.gitignore",
    "dist/deep/",
    "dist/deep/a.js",
    "real/",
    "real/run",
    "run",
  ]);
});

test("problems found during the build are reported at their place", async () => {
  const spec = files({
    "code.imgspec": 'image "test/code" {\n  files { "/x" copy nix \'\'hello\'\' { exclude [ "a" ] } }\n}\n',
  });
  const { code, stderr } = await failure(imgc("build", spec, "--no-link"));
  expect(code).toBe(1);
  expect(stderr).toMatch(/code\.imgspec:2:\d+: error: `exclude` and `all` need a Nix path/);
});
