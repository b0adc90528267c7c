/** What a folder says of the application in it: what to copy, what to run, what it needs. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import * as z from "zod/mini";

/** What an image can be made from, in words. */
export const kinds = {
  nix: "a package of nixpkgs",
  python: "a Python application",
  node: "a Node.js application",
  static: "a web site of files",
};
export type Kind = keyof typeof kinds;

export interface Project {
  kind: Kind;
  /** The image's name. */
  name: string;
  /** The package, where the image is made from one. */
  package: string;
  /** What is copied into the image; undefined where nothing was found. */
  application: Application | undefined;
  /** Python's libraries by their attribute names. */
  libraries: string[];
}

export interface Application {
  /** As it is written, from the folder of the description. */
  path: string;
  isFile: boolean;
  /** The file that is run, below `path` or `path` itself. */
  main: string;
}

/** Said rather than found. */
export type Said = Partial<{ name: string; package: string; copy: string }>;

const places: Record<Kind, string[]> = {
  nix: [],
  python: ["src", "app", "main.py", "app.py"],
  node: ["dist", "src", "index.js", "server.js"],
  static: ["public", "site", "dist", "html", "index.html"],
};
const mains: Record<Kind, string[]> = {
  nix: [],
  python: ["main.py", "app.py", "__main__.py"],
  node: ["index.js", "server.js", "main.js"],
  static: [],
};

export function look(folder: string, kind: Kind, said: Said): Project {
  const copy = said.copy ?? places[kind].find((place) => existsSync(join(folder, place)));
  return {
    kind,
    name: said.name ?? imageName(folder),
    package: said.package ?? "hello",
    application: copy === undefined ? undefined : application(folder, kind, copy),
    libraries: kind === "python" ? requirements(folder) : [],
  };
}

/** A folder's name as that of an image. */
export function imageName(folder: string): string {
  const parts = basename(folder)
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return parts?.join("-") ?? "app";
}

function application(folder: string, kind: Kind, copy: string): Application {
  const path = /^\.{0,2}\//.test(copy) ? copy : `./${copy}`;
  const isFile = statSync(join(folder, copy), { throwIfNoEntry: false })?.isFile() === true;
  const candidates = [kind === "node" ? packageMain(folder, copy) : undefined, ...mains[kind]];
  const found = candidates.find((name) => name !== undefined && existsSync(join(folder, copy, name)));
  return { path, isFile, main: isFile ? basename(copy) : (found ?? mains[kind][0] ?? "") };
}

/** What package.json calls `main`, from the folder that is copied. */
function packageMain(folder: string, copy: string): string | undefined {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    const { main } = z.object({ main: z.string() }).parse(JSON.parse(text));
    const below = relative(join(folder, copy), join(folder, main));
    return below.startsWith("..") ? undefined : below;
  } catch {
    return undefined; // none, or one that says nothing of it
  }
}

/** The names in requirements.txt, as nixpkgs writes them. */
function requirements(folder: string): string[] {
  const path = join(folder, "requirements.txt");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  const names = lines.flatMap((line) => /^\s*([A-Za-z][\w.-]*)/.exec(line)?.[1] ?? []);
  return [...new Set(names.map((name) => name.toLowerCase().replaceAll(/[._]+/g, "-")))];
}

/** Where Nix looks for `<nixpkgs>` without `NIX_PATH`: channels of root, and of the user in both of their places. */
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
