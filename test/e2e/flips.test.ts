import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { checksums } from "../../src/image/checksums.ts";
import { documents, ImageError } from "../../src/image/read.ts";
import { verify } from "../../src/image/verify.ts";
import { anyClasses, jsonClasses, sumClasses, tarClasses, type Classes } from "./byte-classes.ts";
import { build, folder, tool } from "./tools.ts";

/** Small, with a bit of everything. */
const SPEC = `image "test/flips" {
  tag "v1"
  store [ nix ''writeText "words" "some words"'' ]
  provide [ tmp ]
  files {
    "/bin/run" text "#!/bin/run\\n" { mode 0755 }
    "/l/${"long/".repeat(30)}name" text "x"
    "/link" link "/bin/run"
    "/copied" copy ./copied
  }
  users { api { uid 1000 gid 1000 home "/home/api" groups [ "staff" ] } }
  permissions { "/bin/**" { owner "api" } }
  config {
    entrypoint [ "/bin/run" ] env { A "b" } user "api" workdir "/home/api" expose [ 80/tcp ] labels { c "d" }
    healthcheck { test [ "NONE" ] interval 3s }
  }
  annotations { e "f" }
  author "someone"
  compression COMPRESSION manifest MANIFEST
  expect { size <= 1MB layers <= 10 absent [ hello ] present [ nix ''writeText "words" "some words"'' ] no-setuid }
}`;

async function tiny(attribute: string, compression = "zstd", manifest = "oci"): Promise<string> {
  const path = folder();
  mkdirSync(join(path, "copied"));
  writeFileSync(join(path, "copied/file"), "copied\n");
  symlinkSync("file", join(path, "copied/link"));
  const annotations = manifest === "docker" ? "" : 'annotations { e "f" }';
  const spec = SPEC.replace("COMPRESSION", compression).replace("MANIFEST", manifest);
  writeFileSync(join(path, "tiny.imgspec"), spec.replace('annotations { e "f" }', annotations));
  return (await build(join(path, "tiny.imgspec"), { attribute })).path;
}

async function isFound(path: string, deep = false): Promise<boolean> {
  try {
    return (await verify(path, { deep })).findings.length > 0;
  } catch (error) {
    if (error instanceof ImageError) return true;
    throw error;
  }
}

const MASKS = [0x01, 0x20, 0x80, 0x10];

/** Flips a bit at each offset of each class, and returns the classes where nothing was found. */
async function missed(
  image: string,
  file: string,
  classes: Classes,
  repair = () => {},
  deep = false,
): Promise<string[]> {
  const bytes = readFileSync(file);
  const unseen = new Set<string>();
  let turn = 0;
  for (const [name, offsets] of classes) {
    for (const offset of offsets) {
      const flipped = Buffer.from(bytes);
      flipped[offset] = (flipped[offset] as number) ^ (MASKS[turn++ % MASKS.length] as number);
      writeFileSync(file, flipped);
      repair();
      if (!(await isFound(image, deep))) unseen.add(`${basename(file)} ${name}`);
    }
  }
  writeFileSync(file, bytes);
  repair();
  return [...unseen];
}

/** A copy that may be written to, links followed. */
async function copyOf(path: string, to = join(folder(), "copy")): Promise<string> {
  await tool("cp", ["-RL", path, to]);
  await tool("chmod", ["-R", "u+w", to]);
  return to;
}

test("a flip of any kind of byte of an image directory is found", async () => {
  const image = await copyOf(await tiny("image"));
  expect(await isFound(image, true)).toBe(false);
  const unseen = [];
  for (const name of documents(image)) {
    const file = join(image, name);
    unseen.push(...(await missed(image, file, jsonClasses(readFileSync(file)))));
  }
  const sums = join(image, "SHA256SUMS");
  unseen.push(...(await missed(image, sums, sumClasses(readFileSync(sums)))));
  expect(unseen).toEqual([]);
});

test("whoever also rewrites the checksums is found wherever something is said twice", async () => {
  const image = await copyOf(await tiny("image"));
  const repair = () => {
    try {
      writeFileSync(join(image, "SHA256SUMS"), checksums(image, documents(image)));
    } catch {
      // A flipped document may be none: then its checksum does not matter.
    }
  };
  const unseen = [];
  for (const name of documents(image)) {
    const file = join(image, name);
    unseen.push(...(await missed(image, file, jsonClasses(readFileSync(file)), repair, true)));
  }
  const values = unseen.filter((each) => each.endsWith("value"));
  // What only one place says: it could as well have been built so.
  expect(values).toMatchInlineSnapshot(`
    [
      "image.json .name value",
      "image.json .tag value",
      "image.json .expect.size[].value value",
      "image.json .expect.absent[].name value",
      "image.json .expect.absent[].paths[] value",
      "image.json .expect.present[].name value",
      "image.json .metadata[].path value",
      "image.json .metadata[].name value",
      "image.json .metadata[].output value",
      "000.json .compressor value",
      "001.json .compressor value",
      "manifest.json .annotations.e value",
    ]
  `);
});

test("a change of any kind in the store is found", async () => {
  const built = await tiny("image");
  const root = folder();
  const image = await copyOf(built, join(root, "nix-store-image"));
  const store = join(root, "nix/store");
  mkdirSync(store, { recursive: true });
  renameSync(image, join(store, "image"));
  const recipes = readdirSync(join(built, "layers")).map((name) => readFileSync(join(built, "layers", name), "utf8"));
  const used = new Set(recipes.join("").match(/\/nix\/store\/[a-z0-9]{32}-[\w.+-]+/g));
  for (const path of used) cpSync(path, join(root, path), { recursive: true, verbatimSymlinks: true });
  await tool("chmod", ["-R", "u+w", store]);
  const there = join(store, "image");
  expect(await isFound(there, true)).toBe(false);

  const of = (name: string) => join(root, [...used].find((path) => path.endsWith(name)) as string);
  const unseen = [];
  for (const file of [of("-words"), join(of("-copied"), "file")]) {
    unseen.push(...(await missed(there, file, anyClasses(readFileSync(file)))));
    chmodSync(file, 0o755);
    if (!(await isFound(there))) unseen.push(`${file} executable`);
    chmodSync(file, 0o644);
  }
  const changes: Record<string, (at: string) => void> = {
    "another link": (at) => (rmSync(join(at, "link")), symlinkSync("elsewhere", join(at, "link"))),
    "another name": (at) => renameSync(join(at, "file"), join(at, "renamed")),
    "one more": (at) => writeFileSync(join(at, "more"), ""),
    "one less": (at) => rmSync(join(at, "link")),
    "a folder": (at) => mkdirSync(join(at, "folder")),
  };
  for (const [name, change] of Object.entries(changes)) {
    cpSync(of("-copied"), join(root, "kept"), { recursive: true, verbatimSymlinks: true });
    change(of("-copied"));
    if (!(await isFound(there))) unseen.push(name);
    rmSync(of("-copied"), { recursive: true });
    renameSync(join(root, "kept"), of("-copied"));
  }
  expect(unseen).toEqual([]);
  expect(await isFound(there, true)).toBe(false);
});

test("a flip of any kind of byte of a layout is found", async () => {
  for (const compression of ["none", "zstd"]) {
    const layout = await copyOf(await tiny("oci", compression));
    expect(await isFound(layout, true)).toBe(false);
    const blobs = readdirSync(join(layout, "blobs/sha256")).map((name) => `blobs/sha256/${name}`);
    const unseen = [];
    for (const name of ["oci-layout", "index.json", "image.json", ...blobs]) {
      const file = join(layout, name);
      const bytes = readFileSync(file);
      const classes =
        bytes[0] === 0x7b ? jsonClasses(bytes) : compression === "none" ? tarClasses(bytes) : anyClasses(bytes);
      unseen.push(...(await missed(layout, file, classes)));
    }
    const sums = join(layout, "SHA256SUMS");
    unseen.push(...(await missed(layout, sums, sumClasses(readFileSync(sums)))));
    expect(unseen).toEqual([]);
  }
});

test("a flip of any kind of byte of an archive is found", async () => {
  const layout = await tiny("oci", "gzip", "docker");
  const archive = join(folder(), "oci.tar");
  const options = ["--sort=name", "--mtime=@1", "--owner=0", "--group=0"];
  await tool("tar", ["-C", layout, "-chf", archive, ...options, "."]);
  expect(await isFound(archive, true)).toBe(false);
  expect(await missed(archive, archive, tarClasses(readFileSync(archive)))).toEqual([]);

  const compressed = join(folder(), "oci.tar.gz");
  await tool("bash", ["-c", 'gzip -nc "$0" > "$1"', archive, compressed]);
  expect(await isFound(compressed, true)).toBe(false);

  // Another tool's archive has nothing that vouches for its tags and its older form.
  const docker = join(folder(), "docker.tar");
  await tool("skopeo", [
    "--insecure-policy",
    "copy",
    "--quiet",
    `oci:${layout}`,
    `docker-archive:${docker}:test/flips:v1`,
  ]);
  expect(await isFound(docker)).toBe(false);
  const unseen = await missed(docker, docker, tarClasses(readFileSync(docker)));
  expect(unseen.map((each) => each.replaceAll(/[0-9a-f]{64}/g, "ID"))).toMatchInlineSnapshot(`
    [
      "docker.tar ID/VERSION: content",
      "docker.tar ID/json: content",
      "docker.tar ID/VERSION: content",
      "docker.tar ID/json: content",
      "docker.tar repositories: content",
    ]
  `);
});
