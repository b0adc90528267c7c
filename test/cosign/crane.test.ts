/** Signed images in the hands of crane. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { build, EXAMPLES, IMGC, imgc, registry, tool } from "../e2e/tools.ts";

const KEY = join(import.meta.dirname, "../sign/cosign.key");

test("crane finds the signed digest, and copies image and signature", async () => {
  const { path } = await build(join(EXAMPLES, "hello.imgspec"));
  const host = await registry();
  const push = [IMGC, "push", path, `${host}/hello:v1`, "--insecure", "--sign", KEY];
  const { stdout } = await tool(process.execPath, push, { COSIGN_PASSWORD: "secret" });
  const digest = stdout.trim().split("@")[1] as string;
  const crane = async (...args: string[]) => (await tool("crane", [...args, "--insecure"])).stdout.trim();
  expect(await crane("digest", `${host}/hello:v1`)).toBe(digest);
  const tags = (await crane("ls", `${host}/hello`)).split("\n");
  expect(tags.toSorted()).toEqual([digest.replace(":", "-"), `${digest.replace(":", "-")}.sig`, "v1"]);
  for (const tag of ["v1", `${digest.replace(":", "-")}.sig`])
    await crane("copy", `${host}/hello:${tag}`, `${host}/copied:${tag}`);
  const key = KEY.replace(".key", ".pub");
  const verified = await imgc("verify", "--insecure", "--json", "--key", key, `${host}/copied:v1`);
  expect(JSON.parse(verified.stdout)).toMatchObject({ findings: [], signature: { forms: ["tag"] } });
});
