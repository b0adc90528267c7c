/** crane copies and validates signed images, and images on a new base. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { build, EXAMPLES, folder, IMGC, imgc, registry, tool } from "../e2e/tools.ts";
import { rebasedApp } from "./rebased-app.ts";

const KEY = join(import.meta.dirname, "../sign/cosign.key");

const crane = async (...args: string[]) => (await tool("crane", [...args, "--insecure"])).stdout.trim();

test("crane finds the signed digest, and copies image and signature", async () => {
  const { path } = await build(join(EXAMPLES, "hello.imgspec"));
  const host = await registry();
  const push = [IMGC, "push", path, `${host}/hello:v1`, "--insecure", "--sign", KEY];
  const { stdout } = await tool(process.execPath, push, { COSIGN_PASSWORD: "secret" });
  const digest = stdout.trim().split("@")[1] as string;
  expect(await crane("digest", `${host}/hello:v1`)).toBe(digest);
  const tags = (await crane("ls", `${host}/hello`)).split("\n");
  expect(tags.toSorted()).toEqual([digest.replace(":", "-"), `${digest.replace(":", "-")}.sig`, "v1"]);
  for (const tag of ["v1", `${digest.replace(":", "-")}.sig`])
    await crane("copy", `${host}/hello:${tag}`, `${host}/copied:${tag}`);
  const key = KEY.replace(".key", ".pub");
  const verified = await imgc("verify", "--insecure", "--json", "--key", key, `${host}/copied:v1`);
  expect(JSON.parse(verified.stdout)).toMatchObject({ findings: [], signature: { forms: ["tag"] } });
});

test("crane validates what a rebase made, and extracts the files of both", async () => {
  const { reference } = await rebasedApp();
  await crane("validate", "--remote", reference);
  const index = JSON.parse(await crane("manifest", reference)) as { manifests: { digest: string }[] };
  expect(index.manifests).toHaveLength(2);
  for (const architecture of ["amd64", "arm64"]) {
    const archive = join(folder(), "files.tar");
    await crane("export", "--platform", `linux/${architecture}`, reference, archive);
    for (const [name, text] of [
      ["etc/version", "2"],
      ["srv/greeting", "hello"],
    ] as const)
      expect((await tool("tar", ["xOf", archive, name])).stdout).toBe(text);
  }
});
