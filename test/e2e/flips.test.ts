import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checksums } from "../../src/image/checksums.ts";
import { documents } from "../../src/image/image-directory.ts";
import { anyClasses, contentClasses, jsonClasses, sumClasses } from "./byte-classes.ts";
import { copyOf, isFound, missed, tiny } from "./damage.ts";
import { folder, tool } from "./tools.ts";

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

test("changes with recomputed checksums are found if a fact is stated twice", async () => {
  const image = await copyOf(await tiny("image"));
  const repair = () => {
    try {
      writeFileSync(join(image, "SHA256SUMS"), checksums(image, documents(image)));
    } catch {
      // A flipped document may be invalid JSON; then its checksum does not matter.
    }
  };
  const unseen = [];
  for (const name of documents(image)) {
    const file = join(image, name);
    unseen.push(...(await missed(image, file, jsonClasses(readFileSync(file)), { repair, deep: true })));
  }
  const values = unseen.filter((each) => each.endsWith("value"));
  // Facts stated once: the image could have been built this way.
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
    const unseen = [];
    for (const name of filesOf(layout)) {
      const file = join(layout, name);
      unseen.push(...(await missed(layout, file, contentClasses(name, readFileSync(file)))));
    }
    expect(unseen).toEqual([]);
  }
});

test("a missing, additional or swapped file is found in a directory and in a layout", async () => {
  for (const attribute of ["image", "oci"]) {
    const image = await copyOf(await tiny(attribute));
    const names = filesOf(image);
    expect(names.length).toBeGreaterThan(5);
    const unseen = [];
    for (const [i, name] of names.entries()) {
      const file = join(image, name);
      const other = join(image, names[(i + 1) % names.length] as string);
      const bytes = readFileSync(file);
      rmSync(file);
      if (!(await isFound(image))) unseen.push(`${name} missing`);
      writeFileSync(file, bytes.subarray(0, -1));
      if (!(await isFound(image))) unseen.push(`${name} cut`);
      renameSync(other, file);
      writeFileSync(other, bytes);
      if (!(await isFound(image))) unseen.push(`${name} swapped`);
      renameSync(file, join(image, "kept"));
      renameSync(other, file);
      renameSync(join(image, "kept"), other);
      writeFileSync(`${file}.more`, bytes);
      if (!(await isFound(image))) unseen.push(`${name} twice`);
      rmSync(`${file}.more`);
    }
    expect(unseen).toEqual([]);
    expect(await isFound(image, true)).toBe(false);
  }
});

function filesOf(image: string): string[] {
  const isFile = (name: string) => statSync(join(image, name)).isFile();
  return readdirSync(image, { recursive: true, encoding: "utf8" }).filter(isFile).toSorted();
}
