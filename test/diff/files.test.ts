/** Compares file systems and configs of generated images. */
import { expect, test } from "vitest";
import { compareAll, type Difference } from "../../src/diff/compare.ts";
import type { AnyImages } from "../../src/image/any-image.ts";
import { encode } from "../../src/oci/documents.ts";
import { tarOf, type OddEntry } from "../fuzz/odd-layers.ts";
import { sha256 } from "../../src/oci/digest.ts";

interface Made {
  images: AnyImages;
  /** Indexes of the layers that were read, in order. */
  read: number[];
}

function made(layers: OddEntry[][], config: object = {}): Made {
  const read: number[] = [];
  const tars = layers.map(tarOf);
  const diffIds = tars.map((tar) => sha256(tar));
  const rootfs = { type: "layers", diff_ids: diffIds };
  const configBytes = encode({ os: "linux", architecture: "amd64", config, rootfs });
  const image = {
    digest: sha256(configBytes),
    platform: "linux/amd64",
    form: "gzip" as const,
    configBytes,
    documents: 1,
    layers: tars.map((tar, i) => ({
      name: `layer ${i + 1}`,
      digest: sha256(tar),
      size: tar.length,
      diffId: sha256(tar),
      stream: () => {
        read.push(i);
        return [tar];
      },
    })),
  };
  return { images: { digest: image.digest, images: [image], [Symbol.dispose]: () => {} }, read };
}

const file = (name: string, text: string, more: Partial<OddEntry> = {}): OddEntry => ({
  type: "0",
  name,
  contents: Buffer.from(text),
  ...more,
});
const folder = (name: string): OddEntry => ({ type: "5", name });

async function differences(before: Made, after: Made): Promise<Difference> {
  return (await compareAll(before.images, after.images)) as Difference;
}

const BASE = [folder("etc"), file("etc/a", "a"), file("etc/b", "bb"), file("f", "f")];

test("a whiteout removes files of lower layers of its own image only", async () => {
  const before = made([BASE]);
  const after = made([BASE, [file(".wh.f", "")]]);
  expect((await differences(before, after)).files).toEqual([{ name: "/f", before: 1, after: null }]);
  expect((await differences(after, before)).files).toEqual([{ name: "/f", before: null, after: 1 }]);
});

test("an opaque whiteout hides the folder's files of lower layers", async () => {
  const after = made([BASE, [folder("etc"), file("etc/.wh..wh..opq", ""), file("etc/c", "c")]]);
  expect((await differences(made([BASE]), after)).files).toEqual([
    { name: "/etc/a", before: 1, after: null },
    { name: "/etc/b", before: 2, after: null },
    { name: "/etc/c", before: null, after: 1 },
  ]);
});

test("the same files in more layers, or again, are no difference", async () => {
  const split = made([BASE.slice(0, 2), BASE.slice(2)]);
  expect(await differences(made([BASE]), split)).toMatchObject({ files: [], paths: { removed: [], added: [] } });
  const again = made([BASE, [file("f", "f")]]);
  expect((await differences(made([BASE]), again)).files).toEqual([]);
  const hidden = made([BASE, [file("f", "old")], [file("f", "f")]]);
  expect((await differences(made([BASE]), hidden)).files).toEqual([]);
});

test("size, mode, owner, kind and link target are compared", async () => {
  const before = made([[file("a", "a"), file("b", "b"), { type: "2", name: "l", target: "a" }, folder("d")]]);
  const links = ["l", "n"].map((name) => ({ type: "2", name, target: "b" }) as const);
  const after = made([[file("a", "aa"), { type: "5", name: "b" }, ...links]]);
  expect((await differences(before, after)).files).toEqual([
    { name: "/a", before: 1, after: 2 },
    { name: "/b", before: 1, after: null },
    { name: "/b/", before: null, after: 0 },
    { name: "/d/", before: 0, after: null },
    { name: "/l", before: 0, after: 0, attributes: "target a -> b" },
    { name: "/n", before: null, after: 0, attributes: "link to b" },
  ]);
});

test("shared layers are read only if the result depends on them", async () => {
  const store = (name: string, text: string) => [folder("nix"), folder("nix/store"), file(`nix/store/${name}`, text)];
  const path = (letter: string) => `${letter.repeat(32)}-app`;
  const [before, after] = ["a", "b"].map((letter) =>
    made([BASE, store(path(letter), letter), [file("top", letter)]]),
  ) as [Made, Made];
  expect((await differences(before, after)).files.map(({ name }) => name)).toEqual(["/nix/store/app", "/top"]);
  expect([before.read, after.read]).toEqual([
    [1, 2],
    [1, 2],
  ]);
  const more = made([BASE, store(path("b"), "b"), [file("top", "b"), file("f", "g")]]);
  expect((await differences(before, more)).files).toContainEqual({ name: "/f", before: 1, after: 1 });
  expect(more.read).toEqual([1, 2, 0, 1, 2]);
});

test("all settings of a config are compared, with each variable, port and label separately", async () => {
  const before = made([], {
    User: "root",
    Env: ["A=1", "B=2"],
    ExposedPorts: { "80/tcp": {} },
    Labels: { x: "1" },
    Entrypoint: ["/a"],
  });
  const after = made([], {
    Env: ["A=1", "B=3=4", "C="],
    Labels: { x: "2" },
    Entrypoint: ["/a", "b"],
    StopSignal: "SIGINT",
  });
  expect((await differences(before, after)).config).toEqual([
    { name: "user", before: '"root"', after: null },
    { name: "entrypoint", before: '["/a"]', after: '["/a","b"]' },
    { name: "env B", before: '"2"', after: '"3=4"' },
    { name: "env C", before: null, after: '""' },
    { name: "expose 80/tcp", before: "{}", after: null },
    { name: "stop-signal", before: null, after: '"SIGINT"' },
    { name: "labels x", before: '"1"', after: '"2"' },
  ]);
});
