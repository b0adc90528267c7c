/** `npm run release-check`: makes the package from the tracked files, checks it, installs it and runs it. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import * as z from "zod/mini";

const REPOSITORY = join(import.meta.dirname, "..");
/** Placeholders that a publisher must replace: the host of addresses, and the owner of the repository. */
const PLACEHOLDER = "example.org";
const OWNER = /\bOWNER\b/;
const QUIET = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"];
const RELEASE_ADDRESS = /\b[\w-]+\/imgc(?:@v|\/releases\/download\/v)(\d+\.\d+\.\d+)/g;
/** npm adds these files to each package. */
const ALWAYS = ["package.json", "README.md", "LICENSE"];

const Manifest = z.object({
  version: z.string(),
  files: z.array(z.string()),
  homepage: z.string(),
  repository: z.object({ url: z.string() }),
});
type Manifest = z.infer<typeof Manifest>;
const PackReport = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);

function run(program: string, args: string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

export interface Package {
  tarball: string;
  manifest: Manifest;
  problems: string[];
  /** Points that a publisher must complete first. */
  open: string[];
}

/**
 * Makes the tarball in `folder` from a copy of the tracked files. The copy has no leftovers of the working folder, such
 * as bundles of removed commands.
 */
export function makePackage(folder: string): Package {
  const tracked = run("git", ["ls-files", "-z"], REPOSITORY)
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(REPOSITORY, path)));
  const copy = join(folder, "source");
  for (const path of tracked) cpSync(join(REPOSITORY, path), join(copy, path), { verbatimSymlinks: true });
  symlinkSync(join(REPOSITORY, "node_modules"), join(copy, "node_modules"));
  run(process.execPath, ["scripts/build.ts"], copy);

  const manifest = Manifest.parse(JSON.parse(readFileSync(join(copy, "package.json"), "utf8")));
  const packing = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], copy);
  const [{ filename, files }] = PackReport.parse(JSON.parse(packing));
  const bundles = globSync("dist/**", { cwd: copy, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(copy, join(entry.parentPath, entry.name)));
  const sources = tracked.filter((path) => isOf(manifest, path));
  const read = (path: string) => readFileSync(join(copy, path), "utf8");
  const packed = files.map(({ path }) => path);
  const problems = [
    ...differences([...sources, ...bundles], packed),
    ...changelogProblems(manifest.version, read("CHANGELOG.md")),
    ...sources.flatMap((path) => addressProblems(manifest.version, path, read(path))),
  ];
  const ownerless = sources.filter((path) => OWNER.test(read(path)));
  const open = openPoints(manifest, read("CHANGELOG.md"), ownerless);
  return { tarball: join(folder, filename), manifest, problems, open };
}

function isOf({ files }: Manifest, path: string): boolean {
  return ALWAYS.includes(path) || files.some((each) => path === each || path.startsWith(`${each}/`));
}

/** Files that are missing in a package or do not belong there. */
export function differences(wanted: string[], packed: string[]): string[] {
  const missing = wanted.filter((path) => !packed.includes(path));
  const extra = packed.filter((path) => !wanted.includes(path));
  return [
    ...missing.map((path) => `the tarball lacks ${path}`),
    ...extra.map((path) => `the tarball has ${path}, which is not tracked or not in \`files\` of package.json`),
  ];
}

/** `## [1.2.3] - 2026-01-31`, or `Unreleased` in place of the date. */
const RELEASE = /^## \[(\d\S*)\] - (\S+)$/m;

/** The first release of the changelog must be the package's version. */
export function changelogProblems(version: string, changelog: string): string[] {
  const first = RELEASE.exec(changelog)?.[1];
  if (first === version) return [];
  return [`CHANGELOG.md begins with ${first ?? "no release"}, but the version of package.json is ${version}`];
}

/** Addresses of releases of imgc that have another version. */
export function addressProblems(version: string, path: string, text: string): string[] {
  const others = [...text.matchAll(RELEASE_ADDRESS)].filter((match) => match[1] !== version);
  return others.map(([address]) => `${path}: the address ${address} is not that of version ${version}`);
}

/** The points that a publisher must complete. `ownerless`: files with the placeholder OWNER. */
export function openPoints({ homepage, repository }: Manifest, changelog: string, ownerless: string[]): string[] {
  const date = RELEASE.exec(changelog)?.[2] ?? "";
  return [
    ...(/^\d{4}-\d\d-\d\d$/.test(date) ? [] : ["CHANGELOG.md: give the release a date in place of `Unreleased`"]),
    ...Object.entries({ homepage, repository: repository.url }).flatMap(([name, url]) =>
      url.includes(PLACEHOLDER) ? [`package.json: \`${name}\` is the placeholder ${url}`] : [],
    ),
    ...ownerless.map((path) => `${path}: replace OWNER by the owner of the repository`),
  ];
}

/** Installs the tarball into an empty folder; returns the path of the package's program. */
export function install(tarball: string, folder: string): string {
  mkdirSync(folder);
  run("npm", ["init", "--yes"], folder);
  run("npm", ["install", ...QUIET, tarball], folder);
  return join(folder, "node_modules/.bin/imgc");
}

/**
 * Installs the tarball as `npm install --global` does, into a folder of its own; returns the path of the program.
 * `folder` gets npm's cache as well, so that npm finds no other version of the package.
 */
export function installGlobally(tarball: string, folder: string): string {
  run(
    "npm",
    ["install", "--global", "--prefix", folder, "--cache", join(folder, "cache"), ...QUIET, tarball],
    REPOSITORY,
  );
  return join(folder, "bin/imgc");
}

/** The output of `npx imgc`, for a tarball that is not installed. */
export function runOnce(tarball: string, folder: string, ...args: string[]): string {
  return run(
    "npx",
    ["--yes", ...QUIET, "--cache", join(folder, "cache"), "--package", tarball, "imgc", ...args],
    folder,
  );
}

/** Runs the installed program on an example of the package. */
export function tryProgram(program: string, folder: string, version: string): string[] {
  const example = join(folder, "node_modules/imgc/examples/hello.imgspec");
  const printed = run(program, ["--version"], folder).trim();
  run(program, ["check", example], folder);
  const expression = run(program, ["compile", example], folder);
  const functions = join(folder, "node_modules/imgc/nix");
  return [
    ...(printed === version
      ? []
      : [`\`imgc --version\` prints ${printed}, but the version of package.json is ${version}`]),
    ...(expression.includes(functions) ? [] : [`\`imgc compile\` does not refer to the functions in ${functions}`]),
  ];
}

function main(isFinal: boolean): void {
  const folder = mkdtempSync(join(tmpdir(), "imgc-release-"));
  try {
    const { tarball, manifest, problems, open } = makePackage(folder);
    const elsewhere = join(folder, "elsewhere");
    problems.push(...tryProgram(install(tarball, elsewhere), elsewhere, manifest.version));
    const globally = installGlobally(tarball, join(folder, "global"));
    for (const [way, printed] of [
      ["npm install --global", run(globally, ["--version"], folder)],
      ["npx", runOnce(tarball, folder, "--version")],
    ] as const)
      if (printed.trim() !== manifest.version)
        problems.push(`with ${way}, \`imgc --version\` prints ${printed.trim()}`);
    if (isFinal) problems.push(...open);
    else for (const point of open) console.log(`before publishing: ${point}`);
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
    else console.log(`OK: the package of imgc ${manifest.version} is complete and works in an empty folder`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) main(process.argv.includes("--final"));
