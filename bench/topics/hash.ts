/** Time of writing and hashing a layer in one thread, compared with a pipe of tar and openssl over the same files. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { digestLayer } from "../../src/layer/digest.ts";
import { layerChunks } from "../../src/layer/stream.ts";
import { fastest, ratio, type Section } from "../section.ts";

const RUNS = 3;
const PACKAGES = ["nodejs", "python3", "perl", "git", "nix"];

export const section: Section = {
  title: "Hashing a layer",
  about:
    `The closure of ${PACKAGES.join(", ")} as one uncompressed layer. Times are multiples of \`tar | openssl dgst ` +
    "-sha256`, which uses two cores. The lower bound is one SHA-256 pass over bytes in memory.",
  async run() {
    const built = execFileSync("nix-build", [
      "<nixpkgs>",
      "--no-out-link",
      ...PACKAGES.flatMap((name) => ["-A", name]),
    ]);
    const closure = execFileSync("nix-store", ["-qR", ...built.toString().trim().split("\n")]);
    const paths = closure.toString().trim().split("\n").toSorted();
    const content = { paths, entries: [], permissions: [] };

    const pipe = await fastest(RUNS, () =>
      execFileSync("bash", ["-c", 'tar cf - "$@" | openssl dgst -sha256', "tar", ...paths], { stdio: "ignore" }),
    );
    const layer = await fastest(RUNS, () => digestLayer("all", content, { algorithm: "none", level: null }));
    const bytes = Buffer.concat(Array.from(layerChunks(content), (chunk) => Buffer.from(chunk)));
    const limit = await fastest(RUNS, () => createHash("sha256").update(bytes).digest("hex"));
    const row = (what: string, time: number) => ({
      what,
      "× pipe": ratio(time, pipe),
      "MB/s": (bytes.length / 1e3 / time).toFixed(0),
    });
    return [
      row("`tar cf - … \\| openssl dgst -sha256`", pipe),
      row("a layer, tar stream and SHA-256, one thread", layer),
      row("SHA-256 alone, bytes in memory", limit),
    ];
  },
};
