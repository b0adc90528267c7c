/** `imgc compile --flake DIR`: writes a self-contained flake that builds the same image. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FLAKE_HEAD, type Flake, type FlakeCopy } from "../compile/index.ts";
import { copiedOf, type CopiedEntry } from "../ignore/copied.ts";
import { byteString } from "../ignore/pattern.ts";
import { ownBeside } from "../util/temporary.ts";
import { makeFolder } from "../util/make-folder.ts";
import { functionsPath } from "./compile.ts";
import { EXIT, ImgcError, messageOf } from "../util/errors.ts";

/** The folder of dist/ with the programs that the Nix functions run in builds. */
const PROGRAMS = "builders";

/** Writes the flake into a temporary folder, then moves each part into `folder`. */
export function writeFlake({ files, copies }: Flake, folder: string): void {
  const target = resolve(folder);
  requireOurs(target);
  try {
    makeFolder(dirname(target));
    // List the copied files before making the new folder, since that may lie inside a copied folder.
    const sources = [...copies].map(([to, copy]) => [to, sourceOf(copy)] as const);
    const fresh = ownBeside(target);
    try {
      fill(fresh, files, sources);
      makeFolder(target);
      rmSync(join(target, "sources"), { recursive: true, force: true });
      for (const name of readdirSync(fresh)) {
        rmSync(join(target, name), { recursive: true, force: true });
        renameSync(join(fresh, name), join(target, name));
      }
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  } catch (error) {
    const reason = messageOf(error);
    throw new ImgcError(EXIT.environment, `cannot write ${folder}: ${reason}`);
  }
}

interface Source {
  from: string;
  entries: CopiedEntry[];
}

function sourceOf({ from, rules }: FlakeCopy): Source {
  const source = realpathSync(from);
  return { from: source, entries: copiedOf(source, rules ?? { exclude: [], all: true, within: "/" }).taken };
}

function fill(folder: string, files: Flake["files"], sources: (readonly [to: string, source: Source])[]): void {
  const functions = functionsPath();
  cpSync(functions, join(folder, "imgc/nix"), { recursive: true });
  cpSync(join(functions, "../dist", PROGRAMS), join(folder, "imgc/dist", PROGRAMS), { recursive: true });
  for (const [to, source] of sources) copySource(source, join(folder, to));
  for (const [name, text] of files)
    writeFileSync(join(folder, name), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
}

function copySource({ from, entries }: Source, to: string): void {
  makeFolder(dirname(to));
  const [first] = entries;
  if (first?.path !== "") mkdirSync(to);
  for (const { path, kind } of entries) {
    const end = path === "" ? "" : `/${path}`;
    const [source, target] = [from, to].map((each) => Buffer.from(byteString(each) + end, "latin1")) as [
      Buffer,
      Buffer,
    ];
    if (kind === "directory") mkdirSync(target);
    else if (kind === "link") symlinkSync(readlinkSync(source, { encoding: "buffer" }), target);
    else copyFileSync(source, target);
  }
}

/** Throws if the folder contains anything but a flake written by imgc. */
function requireOurs(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  const flake = join(folder, "flake.nix");
  if (existsSync(flake) && readFileSync(flake, "utf8").startsWith(FLAKE_HEAD)) return;
  throw new ImgcError(EXIT.usage, `${folder} contains other files; choose an empty folder for the flake`);
}
