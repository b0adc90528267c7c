/** Measures on packages of Debian which share of an updated package clients with zstd:chunked layers pull. */
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  readlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rootOf } from "../../scripts/suites/root.ts";
import { digestLayer } from "../../src/layer/digest.ts";
import type { Layer } from "../../src/layer/recipe.ts";
import { upstreamVersion } from "../layers/trace.ts";
import { CHUNKED, pullAfter, ZSTD } from "../chunk-pull.ts";
import { ratio, type Section } from "../section.ts";

interface Package {
  version: string;
  /** Absolute paths of regular files and links. */
  files: string[];
}

type Kind = "the same" | "another";

export const section: Section = {
  title: "Chunks of updated packages",
  about:
    "The packages that are installed in two of the suites in which the tests run, with different versions. Each package is one " +
    "layer of `compression zstd 6 { chunked }`. The last columns have the bytes that a client pulls, divided by " +
    "the size of the newer package as a plain layer with zstd at level 3. " +
    '"whole" is for a client without the older package. The other two are for clients that have it: one reuses parts of ' +
    "files, the other only whole files. The table of bytes in [layers.md](layers.md) uses the means of these shares.",
  async run() {
    const suites = { "Debian 12": "/", trixie: rootOf("trixie"), sid: rootOf("sid") };
    const rows = [];
    for (const [before, after] of [
      ["Debian 12", "trixie"],
      ["trixie", "sid"],
    ] as const) {
      const sums = await compared(suites[before], suites[after]);
      for (const [kind, { packages, zstd, whole, chunks, files }] of sums)
        rows.push({
          suites: `${before} → ${after}`,
          "upstream version": kind,
          packages: String(packages),
          MB: (zstd / 1e6).toFixed(1),
          whole: ratio(whole, zstd),
          "parts of files": ratio(chunks, zstd),
          "whole files": ratio(files, zstd),
        });
    }
    return rows;
  },
};

interface Sum {
  packages: number;
  /** Bytes. */
  zstd: number;
  whole: number;
  chunks: number;
  files: number;
}

async function compared(before: string, after: string): Promise<Map<Kind, Sum>> {
  const [older, newer] = [installed(before), installed(after)];
  const sums = new Map<Kind, Sum>();
  for (const [name, { version, files }] of newer) {
    const old = older.get(name);
    if (old === undefined || old.version === version || files.length === 0) continue;
    const folder = mkdtempSync(join(tmpdir(), "imgc-bench-package-"));
    try {
      const [was, is] = [copied(before, old.files, folder, "0"), copied(after, files, folder, "1")];
      const write = async (path: string, compression = CHUNKED): Promise<Layer> =>
        await digestLayer(name, { paths: [path], entries: [], permissions: [] }, compression, folder);
      const [chunked, zstd] = [await write(is), await write(is, ZSTD)];
      const pull = await pullAfter(await write(was), chunked, folder);
      const kind = upstreamVersion(old.version) === upstreamVersion(version) ? "the same" : "another";
      const sum = sums.get(kind) ?? { packages: 0, zstd: 0, whole: 0, chunks: 0, files: 0 };
      sums.set(kind, {
        packages: sum.packages + 1,
        zstd: sum.zstd + zstd.size,
        whole: sum.whole + chunked.size,
        chunks: sum.chunks + pull.chunks,
        files: sum.files + pull.files,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return new Map([...sums].toSorted(([a], [b]) => (a < b ? 1 : -1)));
}

/** The installed packages of a root folder, by name. */
function installed(root: string): Map<string, Package> {
  const database = join(root, "var/lib/dpkg");
  const found = new Map<string, Package>();
  for (const paragraph of readFileSync(join(database, "status"), "utf8").split("\n\n")) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1] ?? "";
    const [name, version] = [field("Package"), field("Version")];
    const lists = [name, `${name}:${field("Architecture")}`].map((each) => join(database, `info/${each}.list`));
    const list = lists.find((each) => existsSync(each));
    if (list === undefined) continue;
    const files = readFileSync(list, "utf8")
      .split("\n")
      .filter((file) => dirname(file) !== "/" && isContent(join(root, file)));
    found.set(name, { version, files });
  }
  return found;
}

function isContent(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true || stat?.isSymbolicLink() === true;
}

/** Copies files of a root folder into a store path of the store in `folder`. */
function copied(root: string, files: string[], folder: string, digit: string): string {
  const path = `/nix/store/${digit.repeat(32)}-package`;
  for (const file of files) {
    // `/lib` is a link to `/usr/lib`.
    const [from, to] = [join(root, file), join(folder, path, file.replace(/^\/(?=(?:s?bin|lib\w*)\/)/, "/usr/"))];
    mkdirSync(dirname(to), { recursive: true });
    if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else copyFileSync(from, to);
  }
  return path;
}
