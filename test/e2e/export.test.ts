import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { build, cleanUp, failure, files, folder, IMGC, imgc, tool, verified } from "./tools.ts";

const name = `test/export-${Date.now()}`;
let spec: string;
let image: string;
let digest: string;

beforeAll(async () => {
  spec = files({
    "export.imgspec": `image "${name}" {
      tag "v1"
      packages [ hello ]
      files { "/etc/motd" text "hello" }
      config { entrypoint [ "/bin/hello" ] }
    }`,
  });
  image = (await build(spec)).path;
  digest = (await verified(image)).digests[0] as string;
});

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

const exported = async (form: string, output = join(folder(), "image.tar")) => {
  await imgc("export", image, "--to", form, "-o", output);
  return output;
};
const inspect = async (source: string) =>
  JSON.parse((await tool("skopeo", ["inspect", source])).stdout) as { Digest: string; Layers: string[] };

test("an OCI layout and an OCI archive have the built digest", async () => {
  const layout = await exported("oci", join(folder(), "layout"));
  const archive = await exported("oci-archive");
  expect((await verified(layout)).digests).toEqual([digest]);
  expect((await inspect(`oci:${layout}:v1`)).Digest).toBe(digest);
  expect((await inspect(`oci-archive:${archive}`)).Digest).toBe(digest);
  // As Nix links it, file by file.
  const linked = (await build(spec, { attribute: "oci" })).path;
  await tool("diff", ["-r", linked, layout]);
  expect((await verified(archive)).digests).toEqual([digest]);
});

test("a docker-archive is read by verify, skopeo, podman and GNU tar", async () => {
  const archive = await exported("docker-archive");
  const report = await verified(archive);
  const { Layers } = await inspect(`docker-archive:${archive}`);
  expect(Layers).toHaveLength(report.layers);
  const { stdout } = await tool("tar", ["--list", "--verbose", "--file", archive]);
  expect(
    stdout
      .split("\n")
      .map((line) => line.slice(0, 10))
      .filter((mode) => mode !== "" && mode !== "-rw-r--r--"),
  ).toEqual([]);
  cleanUp(() => tool("podman", ["rmi", "--force", `${name}:v1`]));
  await tool("podman", ["load", "--quiet", "--input", archive]);
  const { stdout: id } = await tool("podman", ["image", "inspect", "--format", "{{.Id}}", `${name}:v1`]);
  expect(`sha256:${id.trim()}`).toBe(report.digests[0]);
});

test("exports to standard output, to a file and as a derivation are equal", async () => {
  for (const form of ["oci-archive", "docker-archive"]) {
    const hashes = [await hashOf(await exported(form))];
    const piped = join(folder(), "piped.tar");
    const bin = join(import.meta.dirname, "../../bin/imgc.mjs");
    await tool("bash", ["-c", `"$0" "$1" export "$2" --to ${form} | cat > "$3"`, process.execPath, bin, image, piped]);
    hashes.push(await hashOf(piped));
    const { path } = await build(spec, { attribute: form === "oci-archive" ? "ociArchive" : "dockerArchive" });
    hashes.push(await hashOf(path));
    expect(new Set(hashes).size).toBe(1);
  }
});

test("`output` builds the archive itself, and its digest is printed", async () => {
  const text = files({ "a.imgspec": `image "${name}" { tag "v1" packages [ hello ] output docker-archive }` });
  const { stdout } = await imgc("build", text, "--no-link", "--json");
  const { images } = JSON.parse(stdout) as { images: { output: string; digest: string }[] };
  expect(images[0]?.output).toMatch(/-docker-archive\.tar$/);
  expect((await inspect(`docker-archive:${images[0]?.output}`)).Layers.length).toBeGreaterThan(0);
});

test("a failed write leaves no files", async () => {
  const output = join(folder(), "image.tar");
  // A file size limit acts like a full disk.
  const bin = join(import.meta.dirname, "../../bin/imgc.mjs");
  const script = 'ulimit -f 1000; trap "" XFSZ; exec "$0" "$1" export "$2" --to docker-archive -o "$3"';
  const full = await failure(tool("bash", ["-c", script, process.execPath, bin, image, output]));
  expect([full.code, full.stderr]).toEqual([3, expect.stringContaining(`cannot write ${output}`)]);
  expect(readdirSync(dirname(output))).toEqual([]);
  const nowhere = await failure(imgc("export", image, "--to", "oci-archive", "-o", "/nowhere/x.tar"));
  expect(nowhere.code).toBe(3);
  expect((await failure(imgc("export", image, "--to", "oci"))).code).toBe(2);
  expect(existsSync("/nowhere")).toBe(false);
});

test("an interrupted export leaves no files; after a kill, the next export cleans up", async () => {
  const source = files({ "big.imgspec": `image "${name}" { tag "v2" compression none files { "/big" copy ./big } }` });
  await tool("truncate", ["--size", "200M", join(dirname(source), "big")]);
  const { path } = await build(source);
  const output = join(folder(), "image.tar");
  const half = () => readdirSync(dirname(output));
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const args = [IMGC, "export", path, "--to", "docker-archive", "-o", output];
    const exporting = spawn(process.execPath, args, { stdio: "ignore" });
    const ended = once(exporting, "close");
    while (half().length === 0) await sleep(5);
    exporting.kill(signal);
    expect(await ended).toEqual(signal === "SIGINT" ? [130, null] : [null, signal]);
    expect(half().filter((each) => signal === "SIGINT" || each === "image.tar")).toEqual([]);
  }
  await imgc("export", path, "--to", "docker-archive", "-o", output);
  expect(half()).toEqual(["image.tar"]);
});
