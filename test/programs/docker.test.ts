import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { docker, type Docker } from "./docker.ts";
import { proxy } from "../e2e/proxy.ts";
import { build, buildText, cleanUp, failure, files, folder, IMGC, registry, tool } from "../e2e/tools.ts";
import { readIndexDirectory } from "../../src/image/index-directory.ts";
import { sha256 } from "../../src/oci/digest.ts";

const stamp = `${Date.now()}`;
const name = `test/docker-${stamp}`;
const spec = (app: string) =>
  files({
    "docker.imgspec": `image "${name}" {
      tag "v1"
      packages [ jq bash ]
      files { "/app" text "${stamp} ${app}" }
      config { entrypoint [ "/bin/jq" ] }
      expect {
        run [ "/bin/jq" "-n" "6 * 7" ] { stdout "42\\n" }
        run [ "bash" "-c" "exit 7" ] { exit 7 }
      }
    }`,
  });
let here: Docker;
const imgc = (...args: string[]) => tool(process.execPath, [IMGC, ...args], here.env);
const client = async ({ env }: Docker, ...args: string[]) => (await tool("docker", args, env)).stdout.trim();
const idOf = async (which: Docker) =>
  (await client(which, "image", "inspect", "--format", "{{.Id}}", `${name}:v1`)).replace(/^(?!sha256:)/, "sha256:");

beforeAll(async () => {
  here = await docker();
  cleanUp(async () => client(here, "rmi", "--force", `${name}:v1`));
});

test("load moves the missing layers: all, none, then the changed layer", async () => {
  expect((await imgc("load", spec("one"))).stdout).toBe(`${name}:v1\n`);
  expect(await client(here, "run", "--rm", `${name}:v1`, "-n", "6 * 7")).toBe("42");
  expect((await imgc("load", spec("one"))).stderr).toMatch(/^docker has .*\n0 of \d+ layers moved, /m);
  expect((await imgc("load", spec("two"))).stderr).toMatch(/^docker has .*\n1 of \d+ layers moved, \d/m);
  const { path } = await build(spec("two"));
  expect(await idOf(here)).toBe(sha256(readImageDirectory(path).configBytes));
  // The temporary name is removed.
  expect(await client(here, "images", "--format", "{{.Repository}}")).not.toContain("127.0.0.1");
});

test("run builds, loads and runs the image, and exits with the container's code", async () => {
  const { stdout } = await imgc("run", spec("two"), "--", "-n", "-r", '"printed inside"');
  expect(stdout).toBe("printed inside\n");
  expect((await failure(imgc("run", spec("two"), "--", "-n", '"7" | halt_error(7)'))).code).toBe(7);
});

test("verify runs `expect run` for each form of image; docker loads an exported archive unchanged", async () => {
  const { path } = await build(spec("two"));
  const at = folder();
  await imgc("export", path, "--to", "oci-archive", "-o", join(at, "oci.tar"));
  const pipe = `"$0" "$1" export "$2" --to docker-archive -o - | /bin/tee "$3" | docker load`;
  const archive = join(at, "docker.tar");
  await tool("/bin/bash", ["-c", pipe, process.execPath, IMGC, path, archive], here.env);
  expect(await idOf(here)).toBe(sha256(readImageDirectory(path).configBytes));
  for (const form of [path, join(at, "oci.tar"), archive]) {
    expect((await imgc("verify", form)).stdout).toContain("OK: all digests match");
  }
  expect(await client(here, "images", "--format", "{{.Repository}}")).not.toContain("imgc-verify");
});

test("a daemon that cannot reach this machine gets all layers; a missing daemon is an error", async () => {
  const { path } = await build(spec("two"));
  const elsewhere = await docker({ elsewhere: true });
  cleanUp(async () => client(elsewhere, "rmi", "--force", `${name}:v1`));
  const { stderr } = await tool(process.execPath, [IMGC, "load", path], elsewhere.env);
  const { length } = readImageDirectory(path).layers;
  expect(stderr).toMatch(/^docker could not pull from this machine, .*: docker: .*(?:refused|unreachable)/m);
  expect(stderr).toContain(`docker has ${name}:v1\n${length} of ${length} layers moved, `);
  expect(await idOf(elsewhere)).toBe(sha256(readImageDirectory(path).configBytes));

  const nowhere = { ...here.env, DOCKER_HOST: "unix:///nowhere/docker.sock" };
  if (!here.isReal) return;
  const { code, stderr: message } = await failure(tool(process.execPath, [IMGC, "load", path], nowhere));
  expect([code, message]).toEqual([3, expect.stringContaining("imgc: docker: ")]);
});

test("of an image in two forms, Docker 20.10 pulls the gzip form", async () => {
  const { path } = await buildText(`image "${name}-forms" {
    tag "v1"
    files { "/app" text "${stamp} in two forms" }
    compression [ gzip zstd { chunked } ]
  }`);
  const { images } = readIndexDirectory(path);
  const front = await proxy(await registry());
  await imgc("push", "--insecure", path, `${front.address}/forms`);
  front.asked.length = 0;
  await client(here, "pull", "--quiet", `${front.address}/forms:v1`);
  cleanUp(async () => client(here, "rmi", "--force", `${front.address}/forms:v1`));
  const blobs = new Set(front.asked.flatMap(({ url }) => /\/blobs\/(.*)$/.exec(url)?.[1] ?? []));
  const gzip = images[0]?.manifest;
  expect(blobs).toEqual(new Set([gzip?.config.digest, ...(gzip?.layers ?? []).map(({ digest }) => digest)]));
});
