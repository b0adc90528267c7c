/**
 * The builder of the test packages: Debian archives -> one store path that needs nothing outside the store.
 *
 * Libraries and interpreters are found among the dependencies (patchelf, `#!` lines, links), and a missing one fails the
 * build. Runs outside the sandbox, since dpkg-deb and patchelf are the host's.
 */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

interface Attributes {
  debs: string[];
  /** One more program, or "". */
  program: string;
  /** Store paths that may hold what is needed. */
  dependencies: string[];
  /** What of the archives is left out, by how its path in the package starts. */
  remove: string[];
  /** Path in the package -> where the link leads. */
  links: Record<string, string>;
  /** Program in `bin` -> environment it needs; `@out@` is the package itself. */
  wrap: Record<string, Record<string, string>>;
  /** Packages whose Python modules the scripts of this one import. */
  sites: string[];
  outputs: { out: string };
}

const attributes = JSON.parse(
  fs.readFileSync(join(process.env["NIX_BUILD_TOP"] ?? ".", ".attrs.json"), "utf8"),
) as Attributes;
const out = attributes.outputs.out;
process.env["PATH"] = "/usr/bin:/bin";
const tree = resolve("tree");

/** Multiarch folders hold what belongs into `lib` and `include` themselves. */
const PLACES: [RegExp, string][] = [
  [/^(usr\/)?lib\/[a-z0-9_]+-linux-gnu\//, "lib/"],
  [/^usr\/include\/[a-z0-9_]+-linux-gnu\//, "include/"],
  [/^(usr\/)?s?bin\//, "bin/"],
  [/^usr\/games\//, "bin/"],
  [/^usr\/lib\/python3\/dist-packages\//, "lib/python3.11/site-packages/"],
  [/^(usr\/)?lib(64|exec)?\//, "lib/"],
  [/^usr\//, ""],
];
const DROPPED =
  /^(usr\/share\/(doc|doc-base|man|info|lintian|locale|bug|applications|menu|pixmaps)\/|var\/|usr\/lib64$|lib64\/)/;

function place(name: string): string {
  const found = PLACES.find(([pattern]) => pattern.test(name));
  return found ? name.replace(found[0], found[1]) : name;
}

/** Where a path of Debian's root lies in the store: here, or in a dependency. */
function locate(name: string): string | undefined {
  const placed = place(name.replace(/^\//, ""));
  if (fs.existsSync(join(tree, name))) return join(out, placed);
  return attributes.dependencies.map((path) => join(path, placed)).find((path) => fs.existsSync(path));
}

/** Everything under a folder but folders; links are not followed, and come last. */
function walk(folder: string): string[] {
  const links: string[] = [];
  const inside = (path: string): string[] =>
    fs.readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      const each = join(path, entry.name);
      if (entry.isDirectory()) return inside(each);
      if (!entry.isSymbolicLink()) return [each];
      links.push(each);
      return [];
    });
  return [...inside(folder), ...links];
}

function move(): void {
  fs.mkdirSync(tree);
  for (const deb of attributes.debs) execFileSync("dpkg-deb", ["-x", deb, tree]);
  for (const source of walk(tree)) {
    const name = relative(tree, source);
    if (DROPPED.test(name)) continue;
    const target = join(out, place(name));
    if (attributes.remove.some((removed) => target.startsWith(join(out, removed)))) continue;
    fs.mkdirSync(dirname(target), { recursive: true });
    if (fs.lstatSync(source).isSymbolicLink()) link(name, target);
    else {
      fs.copyFileSync(source, target);
      fs.chmodSync(target, fs.statSync(source).mode & 0o111 ? 0o755 : 0o644);
    }
  }
}

/** Links that lead nowhere in the store (to /etc/alternatives, say) are left out. */
function link(name: string, target: string): void {
  const leads = join("/", dirname(name), fs.readlinkSync(join(tree, name)));
  const absolute = fs.readlinkSync(join(tree, name)).startsWith("/") ? fs.readlinkSync(join(tree, name)) : leads;
  const located = locate(absolute);
  if (located === undefined || fs.existsSync(target)) return;
  fs.symlinkSync(located.startsWith(out) ? relative(dirname(target), located) : located, target);
}

const files = (): string[] => walk(out).filter((path) => fs.lstatSync(path).isFile());

function head(file: string, bytes: number): string {
  const fd = fs.openSync(file, "r");
  const buffer = Buffer.alloc(bytes);
  fs.readSync(fd, buffer);
  fs.closeSync(fd);
  return buffer.toString("latin1");
}

function patchelf(...command: string[]): string {
  return execFileSync("patchelf", command, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Folders that may hold libraries: by library name. */
function libraries(): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of [...attributes.dependencies.toReversed(), out]) {
    const lib = join(path, "lib");
    if (!fs.existsSync(lib)) continue;
    for (const file of walk(lib)) if (basename(file).includes(".so")) found.set(basename(file), dirname(file));
  }
  return found;
}

/** The C library is what others are patched for; its own parts find each other through it. */
const C_LIBRARY = /\/(ld-linux[^/]*|libc)\.so\.[0-9]+$/;

function relocatePrograms(): void {
  const folders = libraries();
  const loader = [...folders].find(([name]) => name.startsWith("ld-linux"));
  for (const file of files()) {
    if (!head(file, 4).startsWith("\x7fELF") || C_LIBRARY.test(file) || file.endsWith(".o")) continue;
    if (!fs.readFileSync(file).includes(".dynamic")) continue;
    const needed = neededBy(file);
    const rpath = needed.map((name) => {
      const folder = folders.get(name);
      if (folder === undefined) throw new Error(`${file} needs ${name}, which no dependency holds`);
      return folder;
    });
    if (loader && hasInterpreter(file)) patchelf("--set-interpreter", `${loader[1]}/${loader[0]}`, file);
    if (rpath.length > 0) patchelf("--set-rpath", [...new Set(rpath)].join(":"), file);
  }
}

/** Statically linked programs need nothing. */
function neededBy(file: string): string[] {
  try {
    return patchelf("--print-needed", file).split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

function hasInterpreter(file: string): boolean {
  try {
    return patchelf("--print-interpreter", file) !== "";
  } catch {
    return false;
  }
}

function relocateScripts(): void {
  for (const file of files()) {
    const line = /^#! *(\/\S+)(?: +(\S+))?/.exec(head(file, 120).split("\n")[0] ?? "");
    if (!line) continue;
    const program = basename(line[1] === "/usr/bin/env" && line[2] ? line[2] : (line[1] as string));
    const interpreter = [out, ...attributes.dependencies]
      .map((path) => join(path, "bin", program))
      .find((path) => fs.existsSync(path));
    if (!interpreter) continue;
    const text = fs.readFileSync(file, "latin1");
    const rest = line[1] === "/usr/bin/env" || !line[2] ? "" : ` ${line[2]}`;
    fs.writeFileSync(file, `#!${interpreter}${rest}${text.slice(text.indexOf("\n"))}`, "latin1");
  }
}

/** Some programs have Debian's paths compiled in; they are told theirs through the environment. */
function wrapPrograms(): void {
  const shell = attributes.dependencies.map((path) => join(path, "bin/sh")).find((path) => fs.existsSync(path));
  for (const [name, environment] of Object.entries(attributes.wrap)) {
    const program = join(out, "bin", name);
    const wrapped = join(out, "bin", `.${name}-wrapped`);
    fs.renameSync(program, wrapped);
    const exports = Object.entries(environment).map(([key, value]) => `export ${key}=\${${key}-${value}}\n`);
    const script = `#!${shell}\n${exports.join("")}exec -a "$0" ${wrapped} "$@"\n`;
    fs.writeFileSync(program, script.replaceAll("@out@", out), { mode: 0o755 });
  }
}

/** The linker's scripts name libraries by their place in Debian. */
function relocateLinkerScripts(): void {
  for (const file of files()) {
    if (!file.endsWith(".so") || !head(file, 20).startsWith("/* GNU ld script")) continue;
    const text = fs.readFileSync(file, "latin1");
    fs.writeFileSync(
      file,
      text.replace(/\/(usr\/)?lib(64)?\/[^ )]+/g, (name) => locate(name.replace("/lib64/", "/lib/")) ?? name),
      "latin1",
    );
  }
}

/** Scripts find the modules of the packages that theirs depends on, as nixpkgs' wrappers do. */
function addSites(): void {
  const sites = [out, ...attributes.sites].map((path) => `${path}/lib/python3.11/site-packages`);
  for (const file of files()) {
    if (dirname(file) !== join(out, "bin") || !/^#!.*python/.test(head(file, 120))) continue;
    const [line, ...rest] = fs.readFileSync(file, "utf8").split("\n");
    const add = `import site; [site.addsitedir(path) for path in ${JSON.stringify(sites)}]`;
    fs.writeFileSync(file, [line, add, ...rest].join("\n"));
  }
}

fs.mkdirSync(out);
move();
if (attributes.program !== "") {
  fs.mkdirSync(join(out, "bin"));
  fs.copyFileSync(attributes.program, join(out, "bin/node"));
  fs.chmodSync(join(out, "bin/node"), 0o755);
}
for (const [name, target] of Object.entries(attributes.links)) fs.symlinkSync(target, join(out, name));
relocatePrograms();
relocateScripts();
relocateLinkerScripts();
if (attributes.sites.length > 0) addSites();
wrapPrograms();
