/** Images for several platforms. The other platform's programs are real, but are not run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, realpathSync, renameSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ociLayout, DISTRIBUTION } from "./base-images.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { build, buildText, cleanUp, failure, files, folder, IMGC, imgc, registry, tool, verified } from "./tools.ts";

const SPEC = `
image "shop/base" {
  platforms [ linux/amd64 linux/arm64 ]
  packages [ bash ]
}
image "shop/api" {
  tag "1"
  base image "shop/base"
  platforms [ linux/amd64 linux/arm64 ]
  packages [ hello ]
  files { "/etc/greeter" link "\${hello}/bin/hello" }
}
`;

interface Index {
  mediaType: string;
  manifests: { digest: string; platform: { architecture: string } }[];
}
const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), "utf8"));

let path: string;
beforeAll(async () => {
  ({ path } = await buildText(SPEC, { attribute: "api" }));
});

test("is an index with an image for each platform, of that platform's packages", async () => {
  const index = json(path, "index.json") as Index;
  expect(index.manifests.map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64"]);
  const { stdout } = await imgc("verify", "--deep", path);
  expect(stdout).toContain("OK: all digests match\nimage    image directory for 2 platforms, ");
  for (const [i, machine] of [62, 183].entries()) {
    const { closure } = readImageDirectory(join(path, "images", `00${i}`)).file;
    const hello = closure.find((entry) => entry.path.includes("-hello-"))?.path as string;
    // e_machine of the ELF header: x86-64 and AArch64.
    expect(readFileSync(`${hello}/bin/hello`).readUInt16LE(18)).toBe(machine);
  }
});

test("sbom writes the bill of the wanted platform, by default of this machine's", async () => {
  const purl = async (...args: string[]) => {
    const { stdout, stderr } = await imgc("sbom", path, "--format", "cyclonedx", ...args);
    const { metadata } = JSON.parse(stdout) as { metadata: { component: { purl: string } } };
    return { arch: /arch=(\w+)/.exec(metadata.component.purl)?.[1], note: stderr };
  };
  expect(await purl("--platform", "linux/arm64")).toMatchObject({ arch: "arm64" });
  const own = await purl();
  expect(own.note).toContain(`using the image for linux/${own.arch}, the platform of this machine`);
  const refused = await failure(imgc("sbom", path, "--platform", "linux/s390x"));
  expect(refused).toMatchObject({
    code: 2,
    stderr: /has no image for linux\/s390x, only for linux\/amd64, linux\/arm64/,
  });
});

test("verify finds a part that differs from the index", async () => {
  const broken = join(folder(), "broken");
  await tool("cp", ["-RL", realpathSync(path), broken]);
  await tool("chmod", ["-R", "u+w", broken]);
  const at = (part: string) => join(broken, "images", part);
  for (const [from, to] of [
    ["000", "first"],
    ["001", "000"],
    ["first", "001"],
  ] as const)
    renameSync(at(from), at(to));
  const { stdout, code } = await failure(imgc("verify", broken));
  expect(code).toBe(1);
  expect(stdout).toContain("linux/arm64, platform in the index: claimed linux/amd64, computed linux/arm64");
});

test("--platform builds one of the images, with the same digest", async () => {
  const spec = files({ "shop.imgspec": SPEC });
  const out = join(folder(), "arm");
  await imgc("build", spec, "--image", "shop/api", "--platform", "linux/arm64", "-o", out);
  const [, arm] = (json(path, "index.json") as Index).manifests;
  expect((await verified(out)).digests).toEqual([arm?.digest]);
  const said = await failure(imgc("build", spec, "--platform", "linux/s390x", "--no-link"));
  expect(said).toMatchObject({
    code: 2,
    stderr: /"shop\/base" is for linux\/amd64, linux\/arm64, not for linux\/s390x/,
  });
});

test("a registry serves it as one image with the built digest", async () => {
  const server = spawn(process.execPath, [IMGC, "serve", path], { stdio: ["ignore", "pipe", "inherit"] });
  cleanUp(() => void server.kill());
  const [said] = (await once(server.stdout, "data")) as [Buffer];
  const address = /http:\/\/(\S+)/.exec(said.toString())?.[1] as string;
  const to = await registry();
  const copy = ["copy", "-q", "--all", "--insecure-policy", "--src-tls-verify=false", "--dest-tls-verify=false"];
  await tool("skopeo", [...copy, "--preserve-digests", `docker://${address}/shop/api:1`, `docker://${to}/api:1`]);
  const { stdout } = await tool("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${to}/api:1`]);
  expect(stdout).toBe(readFileSync(join(path, "index.json"), "utf8"));
});

test("it is pushed as one image, and existing blobs are not sent again", async () => {
  const to = await registry();
  const { stdout } = await imgc("push", "--insecure", path, `${to}/api`);
  const { stdout: pushed } = await tool("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${to}/api:1`]);
  expect(pushed).toBe(readFileSync(join(path, "index.json"), "utf8"));
  expect(stdout).toContain(`${to}/api@sha256:`);
  const there = (await imgc("verify", "--json", "--insecure", `${to}/api:1`)).stdout;
  const digests = (JSON.parse(pushed) as Index).manifests.map(({ digest }) => digest);
  expect((JSON.parse(there) as { digests: string[] }).digests).toEqual(digests);
  expect((await imgc("push", "--insecure", path, `${to}/api`)).stderr).toContain("no layer sent");
  const spec = files({ "shop.imgspec": SPEC });
  const whole = await failure(imgc("push", "--insecure", "--image", "shop/api", spec, `${to}/api`));
  expect(whole).toMatchObject({ code: 2, stderr: /run `imgc build` and push the result/ });

  // Each platform's image has its own bill of materials.
  await imgc("push", "--insecure", "--sbom", "cyclonedx", path, `${to}/api`);
  for (const [i, { digest }] of (JSON.parse(pushed) as Index).manifests.entries()) {
    const raw = async (reference: string) =>
      (await tool("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${to}/${reference}`])).stdout;
    const attached = JSON.parse(await raw(`api:${digest.replace(":", "-")}`)) as Index;
    const artifact = JSON.parse(await raw(`api@${attached.manifests[0]?.digest}`)) as {
      subject: { digest: string };
      layers: { digest: string }[];
    };
    expect(artifact.subject.digest).toBe(digest);
    const document = await (await fetch(`http://${to}/v2/api/blobs/${artifact.layers[0]?.digest}`)).text();
    expect(document).toContain(`arch=${["amd64", "arm64"][i]}&`);
    expect(document).toBe((await imgc("sbom", "--format", "cyclonedx", join(path, `images/00${i}`))).stdout);
  }
});

test("the output `oci` is a layout with all images", async () => {
  const { path: layout } = await buildText(SPEC, { attribute: "api.oci" });
  const { manifests } = json(layout, "index.json") as Index;
  const blob = readFileSync(join(layout, "blobs", String(manifests[0]?.digest).replace(":", "/")));
  expect(blob).toEqual(readFileSync(join(path, "index.json")));
  expect((await verified(layout)).digests).toEqual((json(path, "index.json") as Index).manifests.map((m) => m.digest));
});

test("a base has an image for each platform", async () => {
  const at = folder();
  const arm = { ...DISTRIBUTION, platform: { os: "linux", architecture: "arm64", variant: "v8" } };
  ociLayout(at, DISTRIBUTION, arm);
  const layout = 'image "a" { base layout ./layout platforms [ linux/amd64 linux/arm64 ] packages [ hello ] }';
  const { path: built } = await build(files({ "a.imgspec": layout }, at));
  const layers = ["000", "001"].map((name) => readdirSync(join(built, "images", name, "layers")).length);
  expect((await verified(built)).layers).toBe((layers[0] as number) + (layers[1] as number));
  const { config } = json(built, "images/001", "config.json") as { config: { Labels: object } };
  expect(config.Labels).toEqual({ from: "base" });
});

test("a base for a single platform is refused", async () => {
  const text =
    'image "one" { packages [ bash ] }\nimage "two" { base image "one" platforms [ linux/arm64 ] packages [ hello ] }';
  const { stderr } = await failure(imgc("build", files({ "x.imgspec": text }), "--image", "two", "--no-link"));
  expect(stderr).toContain("two is for linux/arm64, its base for linux/amd64; give both the same `platforms`");
});
