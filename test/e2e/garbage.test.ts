/** The store paths that an image keeps alive. */
import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshMachine, type Fresh } from "./fresh.ts";
import { build, files, folder, tool } from "./tools.ts";

/** Names of the remaining store paths, sorted. */
async function collected({ run }: Fresh): Promise<string[]> {
  // Nix also keeps paths that running processes use; this store has none.
  await run("unshare", "--pid", "--fork", "--mount-proc", "nix-store", "--gc");
  const { stdout } = await run("nix", "path-info", "--all");
  return stdout
    .split("\n")
    .filter((path) => path !== "")
    .map((path) => path.slice("/nix/store/".length + 33))
    .toSorted();
}

test("an image keeps its packages, sources and recipes, but not its build inputs", async () => {
  const spec = files({
    "test.imgspec": `image "test/kept" { packages [ hello ] files { "/motd" copy ./motd "/note" text "hi" } }`,
    motd: "Welcome.\n",
  });
  const image = readlinkSync((await build(spec)).path);
  const plan = readlinkSync((await build(spec, { attribute: "plan" })).path);
  const machine = freshMachine("");
  const { nix } = machine;
  const store = `local?real=${nix}/store&state=${nix}/var/nix&log=${nix}/var/log`;
  await tool("nix", ["copy", "--no-check-sigs", "--to", store, image, plan]);

  const root = join(nix, "var/nix/gcroots/result");
  symlinkSync(image, root);
  const kept = ["glibc-2.36", "hello-2.10", "layer.json", "motd", "test-kept", "test-kept-plan"];
  expect(await collected(machine)).toEqual(kept);
  // That is enough for all commands on an image.
  await machine.imgc("verify", "--deep", image);
  await machine.imgc("export", image, "--to", "oci-archive", "-o", join(folder(), "kept.tar"));

  rmSync(root);
  expect(await collected(machine)).toEqual([]);
});
