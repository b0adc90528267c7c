/** Times of builds: the first build, after a change of the application, and without a change. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { benchStore, type BenchStore } from "../closure.ts";
import { fastest, ratio, type Row, type Section } from "../section.ts";

const GIGABYTES = [0.1, 1, 4];

export const section: Section = {
  title: "Building an image",
  about:
    "Closures of 200 store paths with 20,000 files per gigabyte; a few of the paths are much larger than the " +
    "others. The settings are `reuse layer` and zstd. Times are those of a whole `nix build`, with evaluation, as " +
    "multiples of one `tar | openssl dgst -sha256` over the same files. The last column is the size of everything " +
    "that a change of the application adds to the store, derivations included; the application is a small file.",
  async run() {
    const rows: Row[] = [];
    for (const gigabytes of GIGABYTES) {
      const store = benchStore(gigabytes);
      try {
        rows.push(await measure(gigabytes, store));
      } finally {
        store.remove();
      }
    }
    return rows;
  },
};

async function measure(gigabytes: number, store: BenchStore): Promise<Row> {
  const files = store.paths.map((path) => join(store.folder, path));
  const pipe = await fastest(2, () =>
    execFileSync("bash", ["-c", 'tar cf - "$@" | openssl dgst -sha256', "tar", ...files], { stdio: "ignore" }),
  );
  const image = join(store.folder, "result");
  const build = (version: string) =>
    void store.nix(
      "build",
      "-f",
      join(store.folder, "bench.nix"),
      "image",
      "--argstr",
      "version",
      version,
      "-o",
      image,
    );
  const size = () => Number(execFileSync("bash", ["-c", 'du -sb "$0" | cut -f 1', join(store.folder, "nix/store")]));
  const nothing = await fastest(1, () => build("1"));
  const before = size();
  build("2");
  const added = size() - before;
  let version = 3;
  const change = await fastest(3, () => build(String(version++)));
  const same = await fastest(3, () => build(String(version - 1)));
  const manifest = JSON.parse(
    readFileSync(
      join(store.folder, execFileSync("readlink", [image], { encoding: "utf8" }).trim(), "manifest.json"),
      "utf8",
    ),
  ) as { layers: unknown[] };
  return {
    closure: `${gigabytes} GB`,
    layers: String(manifest.layers.length),
    "first build": ratio(nothing, pipe),
    "app change": ratio(change, pipe),
    "nothing changed": ratio(same, pipe),
    "app change / first build": ratio(change, nothing),
    added: `${(added / 1e3).toFixed(0)} kB`,
  };
}
