/**
 * Downloads the Debian packages of the test package set, and lists them in debs.json.
 *
 * apt resolves and verifies them with a separate state without installed packages, so that the host's state is not changed, and
 * any architecture can be downloaded. Downloads stay in the user's cache.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const WANTED = JSON.parse(readFileSync(join(import.meta.dirname, "wanted.json"), "utf8")) as Record<string, string[]>;
const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "imgc-test");
const INDEX = join(import.meta.dirname, "debs.json");

interface Deb {
  version: string;
  synopsis: string;
  depends: string[];
  url: string;
  sha256: string;
}

/** The URL and hash with which Nix fetches a file of the cache. */
function pinned(file: string): { url: string; sha256: string } {
  return { url: pathToFileURL(file).href, sha256: createHash("sha256").update(readFileSync(file)).digest("hex") };
}

function download(architecture: string): string {
  const state = join(CACHE, architecture);
  const archives = join(state, "cache/archives");
  mkdirSync(join(archives, "partial"), { recursive: true });
  mkdirSync(join(state, "state/lists/partial"), { recursive: true });
  writeFileSync(join(state, "status"), "");
  const apt = (...command: string[]) =>
    execFileSync(
      "apt-get",
      [
        "-qq",
        ...["Dir::State=state", "Dir::State::status=status", "Dir::Cache=cache"].flatMap((option) => [
          "-o",
          option.replace("=", `=${state}/`),
        ]),
        "-o",
        `APT::Architecture=${architecture}`,
        "-o",
        `APT::Architectures=${architecture}`,
        "-o",
        "APT::Sandbox::User=root",
        ...command,
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
  apt("update");
  apt("autoclean");
  apt("install", "--yes", "--download-only", "--no-install-recommends", ...(WANTED[architecture] ?? []));
  return archives;
}

function index(archives: string): Record<string, Deb> {
  const debs: Record<string, Deb> = {};
  for (const name of readdirSync(archives).filter((each) => each.endsWith(".deb"))) {
    const file = join(archives, name);
    const fields = execFileSync("dpkg-deb", [
      "--showformat=${Package}\n${Version}\n${binary:Synopsis}\n${Depends}, ${Pre-Depends}",
      "-W",
      file,
    ]);
    const [deb = "", version = "", synopsis = "", depends = ""] = fields.toString().split("\n");
    const names = depends
      .split(/[,|]/)
      .map((clause) => clause.trim().replace(/[ :(].*/, ""))
      .filter((depend) => depend !== "");
    debs[deb] = { version, synopsis, depends: [...new Set(names)].toSorted(), ...pinned(file) };
  }
  return debs;
}

function nodejs(architecture: string): { url: string; sha256: string; version: string } | undefined {
  const platform = { amd64: "x64", arm64: "arm64" }[architecture] ?? architecture;
  const directory = join(import.meta.dirname, `../../node_modules/node-linux-${platform}`);
  if (!existsSync(directory)) return undefined;
  const { version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { version: string };
  const copy = join(CACHE, `node-${architecture}-${version}`);
  if (!existsSync(copy)) {
    copyFileSync(join(directory, "bin/node"), `${copy}.new`);
    renameSync(`${copy}.new`, copy);
  }
  return { ...pinned(copy), version };
}

/** Whether debs.json is for the current wanted.json, and all its files exist. */
function isCurrent(): boolean {
  if (!existsSync(INDEX)) return false;
  const known = JSON.parse(readFileSync(INDEX, "utf8")) as { wanted: unknown; files: string[] };
  return JSON.stringify(known.wanted) === JSON.stringify(WANTED) && known.files.every((file) => existsSync(file));
}

if (!isCurrent()) {
  const architectures = Object.fromEntries(
    Object.keys(WANTED).map((architecture) => [
      architecture,
      { debs: index(download(architecture)), node: nodejs(architecture) },
    ]),
  );
  const files = Object.values(architectures).flatMap(({ debs, node }) =>
    [...Object.values(debs), ...(node ? [node] : [])].map(({ url }) => fileURLToPath(url)),
  );
  writeFileSync(INDEX, JSON.stringify({ wanted: WANTED, files, architectures }, null, 1));
}
