import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { build, EXAMPLES, folder, imgc, loadLayout, podman, registry, tool, verified } from "./tools.ts";

const HELLO = join(EXAMPLES, "hello.imgspec");

test("hello: built in the sandbox, verified, runs", async () => {
  const { path } = await build(HELLO);
  const { digests, layers, paths } = await verified(path);
  expect(digests).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]);
  expect({ layers, paths }).toEqual({ layers: 3, paths: 2 });

  const layout = await build(HELLO, { attribute: "oci" });
  expect((await verified(layout.path)).digests).toEqual(digests);
  const image = await loadLayout(layout.path);
  expect((await podman(image)).stdout).toBe("Hello, world!\n");
  // Contains nothing of the host or of other packages.
  expect((await podman(image, ["/bin/hello", "--version"], ["--entrypoint", ""])).stdout).toContain("GNU Hello");
});

test("a registry returns the built image", async () => {
  const { path } = await build(HELLO, { attribute: "oci" });
  const { digests } = await verified(path);
  const to = `docker://${await registry()}/examples/hello:v1`;
  const insecure = ["--insecure-policy", "copy", "--quiet", "--preserve-digests"];
  await tool("skopeo", [...insecure, "--dest-tls-verify=false", `oci:${path}`, to]);
  const { stdout } = await tool("skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", to]);
  expect(stdout.trim()).toBe(digests[0]);

  const back = join(folder(), "back");
  await tool("skopeo", [...insecure, "--src-tls-verify=false", to, `oci:${back}:v1`]);
  expect((await verified(back)).digests).toEqual(digests);
});

test("two stores build the same digest", async () => {
  const { path } = await build(HELLO);
  const store = join(folder(), "store");
  const { stdout } = await imgc("compile", HELLO);
  // The packages are copied there; every derivation of the image is built again.
  const expression = join(folder(), "image.nix");
  await tool("bash", ["-c", `cat > ${expression} <<< "$0"`, stdout]);
  await tool("nix", ["copy", "--no-check-sigs", "--to", store, "-f", "<nixpkgs>", "hello", "nodejs"]);
  const { stdout: built, stderr } = await tool("nix", [
    "build",
    "-f",
    expression,
    "--store",
    store,
    "--no-link",
    "--json",
    "-L",
  ]);
  const [{ outputs }] = JSON.parse(built) as [{ outputs: { out: string } }];
  expect(stderr).toContain("examples-hello-plan");
  const other = join(store, outputs.out);
  expect(readFileSync(join(other, "manifest.json"))).toEqual(readFileSync(join(path, "manifest.json")));
  expect((await verified(other)).digests).toEqual((await verified(path)).digests);
  await tool("chmod", ["-R", "u+w", store]);
});
