/**
 * Makes root folders from other Debian suites, each with its own Nix store, and runs commands in them. The folders are
 * kept in the user's cache.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";

const REPOSITORY = join(import.meta.dirname, "../..");
const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "imgc-test");
const DAY = 86_400_000;
const ENTER = join(import.meta.dirname, "enter.sh");

interface RootFolder {
  suite: string;
  /** The script beside this file that makes the folder. */
  script: string;
  /** The age in days after which the folder is made again. trixie is stable, sid changes daily. */
  days: number;
}

/** The root folders by name. */
export const ROOTS = {
  trixie: { suite: "trixie", script: "make-root.sh", days: Infinity },
  sid: { suite: "sid", script: "make-root.sh", days: 7 },
  editors: { suite: "sid", script: "make-editors-root.sh", days: 7 },
} satisfies Record<string, RootFolder>;
export type RootName = keyof typeof ROOTS;

/** The content of a file in the root folder: the hash of the script that made the folder, and the time. */
interface Stamp {
  recipe: string;
  made: string;
}
const stampOf = (root: string) => join(root, "imgc-root.json");

/**
 * The root folder of a name. The folder is made if it is missing, too old, or made by another version of the script.
 * If that fails, an old folder from the same script is used; without one, an error is thrown.
 */
export function rootOf(name: RootName): string {
  const { suite, days, ...files } = ROOTS[name];
  const script = join(import.meta.dirname, files.script);
  const recipe = createHash("sha256").update(readFileSync(script)).digest("hex");
  // Another checkout with another script may run tests in its own folder at this moment.
  const root = join(CACHE, "suites", `${name}-${recipe.slice(0, 8)}`);
  const stamp = readStamp(root);
  const isUsable = stamp?.recipe === recipe;
  if (isUsable && Date.now() - Date.parse(stamp.made) < days * DAY) return root;
  removeOld(name, root);
  try {
    make(script, suite, root, { recipe, made: new Date().toISOString() });
  } catch (error) {
    if (!isUsable) throw error;
    process.stderr.write(`using ${root} as of ${stamp.made}: ${(error as Error).message}\n`);
  }
  return root;
}

function readStamp(root: string): Stamp | undefined {
  return existsSync(stampOf(root)) ? (JSON.parse(readFileSync(stampOf(root), "utf8")) as Stamp) : undefined;
}

/** Removes the folders of other scripts that were made more than a week ago. */
function removeOld(name: RootName, root: string): void {
  const folder = dirname(root);
  if (!existsSync(folder)) return;
  for (const other of readdirSync(folder)) {
    const path = join(folder, other);
    const made = /^([a-z]+)(?:-[0-9a-f]{8})?$/.exec(other)?.[1] === name ? readStamp(path)?.made : undefined;
    if (path === root || made === undefined || Date.now() - Date.parse(made) < 7 * DAY) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

/** Makes a root folder under a temporary name, then renames it, so that a folder with its final name is complete. */
function make(script: string, suite: string, root: string, stamp: Stamp): void {
  const beside = `${root}.${process.pid}`;
  const log = `${root}.log`;
  process.stderr.write(`making the root folder ${root} from ${suite}, see ${log}\n`);
  mkdirSync(beside, { recursive: true });
  const command = ["bash", script, suite, mirror(), beside];
  const { status, stdout } = spawnSync("unshare", [...NAMESPACES, "bash", "-c", '"$@" 2>&1', "bash", ...command], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  writeFileSync(log, stdout);
  if (status !== 0) {
    rmSync(beside, { recursive: true, force: true });
    throw new Error(`${suite} cannot be installed: ${reason(stdout)}`);
  }
  writeFileSync(stampOf(beside), JSON.stringify(stamp));
  rmSync(root, { recursive: true, force: true });
  renameSync(beside, root);
}

/** The lines that apt and debootstrap mark as errors, otherwise the last line. */
function reason(output: string): string {
  const lines = output.trim().split("\n");
  const errors = lines.filter((line) => line.startsWith("E: "));
  return errors.length > 0 ? errors.join("; ") : (lines.at(-1) ?? "");
}

/** The Debian mirror of this machine's apt. */
function mirror(): string {
  const release = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
  const format = ["--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"];
  const targets = execFileSync("apt-get", ["indextargets", ...format, "Created-By: Packages"], { encoding: "utf8" });
  const uri = targets
    .split("\n")
    .find((line) => line.startsWith(`${release} main `))
    ?.split(" ")[2];
  if (uri === undefined) throw new Error(`apt on this machine has no source for ${release} main`);
  return uri;
}

/** With `--kill-child`, all processes in the namespaces end with the command. */
const NAMESPACES = ["--mount", "--pid", "--fork", "--kill-child"];

/** Paths shared with this machine. patchelf is shared because version 0.18 in newer suites breaks the Node.js binary. */
const SHARED = [REPOSITORY, CACHE, "/etc/hosts", "/etc/resolv.conf", "/usr/bin/patchelf"];

/** Runs a command in a root folder with this terminal's output, and returns its exit code. */
export function runIn(root: string, command: string[], env: Record<string, string> = {}): number {
  // Use a separate temporary folder. imgc deletes the files of processes that have ended, and takes processes outside
  // its namespace for ended.
  const temporary = mkdtempSync(join(tmpdir(), "imgc-suite-"));
  // unshare forwards no signals, so the kernel has to kill it when this process ends.
  const enter = ["--pdeathsig", "KILL", "unshare", ...NAMESPACES, "bash", ENTER, root, temporary, ...SHARED, "--"];
  try {
    const options = { stdio: "inherit", env: { ...process.env, ...env, TMPDIR: "/tmp" } } as const;
    return spawnSync("setpriv", [...enter, ...command], options).status ?? 3;
  } finally {
    rmSync(temporary, { recursive: true });
  }
}
