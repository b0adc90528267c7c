/** Runs the commands of the pipelines in examples/ci on machines that have only a restored cache folder. */
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshMachine } from "./fresh.ts";
import { CI, commands, PIPELINES } from "./pipelines.ts";
import { proxy, uploaded } from "./proxy.ts";
import { files, folder, folderOfImgc, registry, tool } from "./tools.ts";

test("with only the cache folder, a second run builds and pushes nothing", async () => {
  const repository = folder();
  cpSync(CI, repository, { recursive: true });
  const git = ["-C", repository, "-c", "user.name=test", "-c", "user.email=test@example.org"];
  await tool("git", [...git, "init", "--quiet"]);
  await tool("git", [...git, "add", "."]);
  await tool("git", [...git, "commit", "--quiet", "--message", "first"]);
  const shims = folderOfImgc();
  const cache = join(folder(), "cache");

  for (const [file, variables] of Object.entries(PIPELINES)) {
    const front = await proxy(await registry());
    const plainHttp = files({ "registries.conf": `[[registry]]\nlocation = "${front.address}"\ninsecure = true\n` });
    const env = { ...variables(`${front.address}/ci/app`), PATH: `${shims}:${process.env["PATH"]}` };
    const run = async () => {
      const clone = join(folder(), "clone");
      await tool("git", ["clone", "--quiet", repository, clone]);
      const isRestored = existsSync(cache);
      if (isRestored) cpSync(cache, join(clone, ".cache"), { recursive: true });
      const machine = freshMachine("substitute = true\nsubstituters =", env);
      // The registry of the tests has no certificate.
      const setUp = ["set -e", `mount --bind ${plainHttp} /etc/containers/registries.conf`, `cd ${clone}`];
      const { stdout, stderr } = await machine.run("bash", "-c", [...setUp, ...commands(file)].join("\n"));
      cpSync(join(clone, ".cache"), cache, { recursive: true });
      expect(stdout.includes("nothing to build")).toBe(isRestored);
      return stderr;
    };
    await run();
    expect(uploaded(front).length).toBeGreaterThan(2);
    front.asked.length = 0;
    expect(await run()).toContain("no layer sent");
    expect(uploaded(front)).toEqual([]);
  }
});
