/** `imgc verify` of images in a registry, through a proxy that changes answers. */
import { beforeAll, expect, test } from "vitest";
import { withImage } from "../../src/app/find-image.ts";
import { EXIT, ImgcError } from "../../src/util/errors.ts";
import { verify } from "../../src/verify/verify.ts";
import { contentClasses } from "./byte-classes.ts";
import { tiny } from "./damage.ts";
import { proxy, type Proxy } from "./proxy.ts";
import { failure, imgc, registry, tool } from "./tools.ts";
import { FETCHING } from "../../src/cli/terminal/reporter.ts";

let between: Proxy;
let digest: string;

beforeAll(async () => {
  const host = await registry();
  const copy = ["--insecure-policy", "copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false"];
  const layout = await tiny("oci");
  await tool("skopeo", [...copy, `oci:${layout}`, `docker://${host}/test/flips:v1`]);
  digest = (await verify(layout)).digests[0] as string;
  between = await proxy(host);
});

/** The findings about the image. */
async function findings(reference: string): Promise<string[]> {
  try {
    return (await withImage(reference, { insecure: true, ...FETCHING }, async (path) => await verify(path))).findings;
  } catch (error) {
    if (error instanceof ImgcError && error.exitCode === EXIT.findings) return [error.message];
    throw error;
  }
}

test("a flipped byte in any answer is found, by tag and by digest", async () => {
  for (const reference of [`${between.address}/test/flips:v1`, `${between.address}/test/flips@${digest}`]) {
    const bodies = new Map<string, Buffer>();
    between.alter = (url, body) => {
      if (body.length > 0 && url.startsWith("/v2/test/")) bodies.set(url, body);
      return body;
    };
    expect(await findings(reference)).toEqual([]);
    // The manifest (also by its tag), the config, and two layers.
    expect([...bodies.keys()]).toHaveLength(reference.includes("@") ? 4 : 5);
    const unseen: string[] = [];
    for (const [changed, whole] of bodies) {
      const classes = [...contentClasses("", whole)];
      const step = Math.ceil(classes.length / 8);
      for (const [name, [at = 0]] of classes.filter((_, i) => i % step === 0)) {
        between.alter = (url, body) => {
          if (url !== changed || body.length === 0) return body;
          return body.with(at, (body[at] as number) ^ 1) as Buffer;
        };
        if ((await findings(reference)).length === 0) unseen.push(`${changed} ${name}`);
      }
    }
    between.alter = undefined;
    expect(unseen).toEqual([]);
  }
});

test("missing images and unreachable registries are explained", async () => {
  const absent = `${between.address}/test/flips:v2`;
  const says = (words: string) => ({ code: 3, stderr: expect.stringContaining(words) as string });
  expect(await failure(imgc("verify", "--insecure", absent))).toMatchObject(
    says(`imgc: ${absent}: ${between.address} has no such image (`),
  );
  expect(await failure(imgc("verify", `${between.address}/test/flips:v1`))).toMatchObject(
    says(`${between.address} speaks plain HTTP; allow that with --insecure`),
  );
});

test("changed answers are explained", async () => {
  const reference = `${between.address}/test/flips:v1`;
  const [{ stdout }, byDigest] = await Promise.all([
    imgc("verify", "--insecure", "--json", reference),
    imgc("verify", "--insecure", `${between.address}/test/flips@${digest}`),
  ]);
  expect((JSON.parse(stdout) as { digests: string[] }).digests).toEqual([digest]);
  expect(byDigest.stdout).toContain("OK: all digests match\nimage    image of a registry, ");
  between.alter = (url, body) =>
    url.endsWith("/manifests/v1") ? Buffer.from(body.toString().replace('"e":"f"', '"e":"g"')) : body;
  const { code, stderr } = await failure(imgc("verify", "--insecure", reference));
  between.alter = undefined;
  expect(code).toBe(1);
  expect(stderr).toMatch(/flips:v1 leads to sha256:\w+, which the registry lacks: the answer was manipulated/);
});
