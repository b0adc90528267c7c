/** Inspects a project folder: which files to copy, which to run, and which libraries they need. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import * as z from "zod/mini";

/** The kinds of projects, with a description for the user. */
export const kinds = {
  nix: "a package of nixpkgs",
  python: "a Python application",
  node: "a Node.js application",
  static: "a web site of static files",
};
export type Kind = keyof typeof kinds;

export interface Project {
  kind: Kind;
  /** The image's name. */
  name: string;
  /** The attribute path of the package; used if `kind` is `nix`. */
  package: string;
  /** The files to copy; undefined if none were found. */
  application: Application | undefined;
  /** The attribute names of the Python libraries. */
  libraries: string[];
}

export interface Application {
  /** The path in the description, relative to its folder. */
  path: string;
  isFile: boolean;
  /** The file to run: its path below `path`, or the name of `path` itself if that is a file. */
  main: string;
}

/** Values that the user gave, in place of those found in the folder. */
export type ProjectOptions = Partial<{ name: string; package: string; copy: string }>;

const SOURCES: Record<Kind, string[]> = {
  nix: [],
  python: ["src", "app", "main.py", "app.py"],
  node: ["dist", "src", "index.js", "server.js"],
  static: ["public", "site", "dist", "html", "index.html"],
};
const MAIN_FILES: Record<Kind, string[]> = {
  nix: [],
  python: ["main.py", "app.py", "__main__.py"],
  node: ["index.js", "server.js", "main.js"],
  static: [],
};

export function inspectProject(folder: string, kind: Kind, options: ProjectOptions): Project {
  const copy = options.copy ?? SOURCES[kind].find((path) => existsSync(join(folder, path)));
  return {
    kind,
    name: options.name ?? imageName(folder),
    package: options.package ?? "hello",
    application: copy === undefined ? undefined : application(folder, kind, copy),
    libraries: kind === "python" ? requirements(folder) : [],
  };
}

/** An image name made from a folder's name. */
export function imageName(folder: string): string {
  const parts = basename(folder)
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return parts?.join("-") ?? "app";
}

function application(folder: string, kind: Kind, copy: string): Application {
  const path = /^\.{0,2}\//.test(copy) ? copy : `./${copy}`;
  const isFile = statSync(join(folder, copy), { throwIfNoEntry: false })?.isFile() === true;
  const candidates = [kind === "node" ? packageMain(folder, copy) : undefined, ...MAIN_FILES[kind]];
  const found = candidates.find((name) => name !== undefined && existsSync(join(folder, copy, name)));
  return { path, isFile, main: isFile ? basename(copy) : (found ?? MAIN_FILES[kind][0] ?? "") };
}

/** `main` of package.json, relative to the copied folder; undefined if missing or outside that folder. */
function packageMain(folder: string, copy: string): string | undefined {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    const { main } = z.object({ main: z.string() }).parse(JSON.parse(text));
    const below = relative(join(folder, copy), join(folder, main));
    return below.startsWith("..") ? undefined : below;
  } catch {
    return undefined; // No package.json, or no `main` in it.
  }
}

/** The names in requirements.txt, spelled as in nixpkgs. */
function requirements(folder: string): string[] {
  const path = join(folder, "requirements.txt");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  const names = lines.flatMap((line) => /^\s*([A-Za-z][\w.-]*)/.exec(line)?.[1] ?? []);
  return [...new Set(names.map((name) => name.toLowerCase().replaceAll(/[._]+/g, "-")))];
}

/** The folders in which Nix looks for `<nixpkgs>` without `NIX_PATH`: channels of root, and of the user at two places. */
const CHANNELS = [
  "/nix/var/nix/profiles/per-user/root/channels",
  ".nix-defexpr/channels",
  ".local/state/nix/defexpr/channels",
];

/** Whether Nix finds `<nixpkgs>` on this machine. */
export function hasPackageSet(): boolean {
  const { NIX_PATH } = process.env;
  if (NIX_PATH !== undefined) return NIX_PATH !== "";
  return CHANNELS.some((channels) => existsSync(resolve(homedir(), channels, "nixpkgs")));
}
