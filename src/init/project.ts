/** Inspects a project folder: which files to copy, which to run, and which libraries they need. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import * as z from "zod/mini";

/** The kinds of projects, with a description for the user. */
export const kinds = {
  nix: "a package of nixpkgs",
  python: "a Python application",
  node: "a Node.js application",
  go: "a Go program",
  rust: "a Rust program",
  flake: "the default package of a flake",
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
  /** The words after the interpreter's path that start the application; undefined to run the main file. */
  start: string[] | undefined;
  /** The port on which the server listens. */
  port: number | undefined;
  /** The name of the program that a Go or Rust project builds. */
  program: string;
  /** Whether the project has dependencies that its language's package manager fetches. */
  hasDependencies: boolean;
  /** Whether the lock file exists that Nix needs to build the project. */
  hasLock: boolean;
}

export interface Application {
  /** The path in the description, relative to its folder. */
  path: string;
  isFile: boolean;
  /** The file to run: its path below `path`, or the name of `path` itself if that is a file. */
  main: string;
  /** Whether the file to run was found. If not, `main` is a common name. */
  isMainFound: boolean;
  /** The name under which Python imports the folder; undefined if it is not a package. */
  importedAs?: string;
}

/** Values from the user, which replace those found in the folder. */
export type ProjectOptions = Partial<{ name: string; package: string; copy: string }>;

const SOURCES: Record<Kind, string[]> = {
  nix: [],
  python: ["src", "app", "main.py", "app.py"],
  node: ["dist", "src", "index.js", "server.js"],
  go: [],
  rust: [],
  flake: [],
  static: ["public", "site", "dist", "html", "index.html"],
};
const MAIN_FILES: Record<Kind, string[]> = {
  nix: [],
  python: ["main.py", "app.py", "__main__.py"],
  node: ["index.js", "server.js", "main.js"],
  go: [],
  rust: [],
  flake: [],
  static: [],
};

/** Files that show the kind of a project, in the order of their weight. The first kind with a file in the folder counts. */
const SIGNS: [Kind, string[]][] = [
  ["flake", ["flake.nix"]],
  ["rust", ["Cargo.toml"]],
  ["go", ["go.mod"]],
  ["node", ["package.json"]],
  ["python", ["pyproject.toml", "requirements.txt", "setup.py", "manage.py", "app.py", "main.py"]],
  ["static", ["public", "site", "html", "index.html"]],
];

/** The kinds of projects in a folder, each with the file that shows the kind. The first kind is the likeliest. */
export function detectKinds(folder: string): { kind: Kind; sign: string }[] {
  const names = new Set(readdirSync(folder));
  return SIGNS.flatMap(([kind, signs]) => {
    const sign = signs.find((name) => names.has(name));
    return sign === undefined ? [] : [{ kind, sign }];
  });
}

export function inspectProject(folder: string, kind: Kind, options: ProjectOptions): Project {
  const source = SOURCES[kind].find((path) => existsSync(join(folder, path)));
  // A page refers to files beside itself.
  const copy = options.copy ?? (source === "index.html" ? "./." : source);
  const project: Project = {
    kind,
    name: options.name ?? imageName(folder),
    package: options.package ?? "hello",
    application: copy === undefined ? undefined : findApplication(folder, kind, copy),
    libraries: [],
    start: undefined,
    port: undefined,
    program: imageName(folder),
    hasDependencies: false,
    hasLock: true,
  };
  if (kind === "python") inspectPython(folder, project);
  else if (kind === "node") inspectNode(folder, project);
  else if (kind === "go") inspectGo(folder, project);
  else if (kind === "rust") inspectRust(folder, project);
  else if (kind === "flake")
    project.hasLock = !/\binputs\b/.test(read(folder, "flake.nix")) || existsSync(join(folder, "flake.lock"));
  return project;
}

/** Finds the libraries, and the server that runs the application. */
function inspectPython(folder: string, project: Project): void {
  const toml = read(folder, "pyproject.toml");
  const libraries = new Set([...requirements(read(folder, "requirements.txt").split("\n")), ...pyproject(toml)]);
  const site = /DJANGO_SETTINGS_MODULE["'],\s*["'](\w+)\.settings/.exec(read(folder, "manage.py"))?.[1];
  if (site !== undefined) {
    project.application = { path: "./.", isFile: false, main: "manage.py", isMainFound: true };
    project.start = libraries.has("gunicorn")
      ? ["-m", "gunicorn", "--bind", "0.0.0.0:8000", `${site}.wsgi`]
      : ["manage.py", "runserver", "0.0.0.0:8000"];
    project.port = 8000;
  } else if (project.application !== undefined) {
    const { application } = project;
    const below = application.isFile ? "" : application.path;
    if (!application.isFile && existsSync(join(folder, below, "__init__.py"))) application.importedAs = basename(below);
    const module = [application.importedAs, application.main.replace(/\.py$/, "")].filter(Boolean).join(".");
    const served = serve(read(folder, below, application.main), module, libraries);
    project.start = served ?? (application.isMainFound ? undefined : projectScript(toml));
    if (project.start !== undefined) application.isMainFound = true;
    if (served !== undefined) project.port = 8000;
    else if (application.importedAs !== undefined) project.start ??= ["-m", module];
  }
  project.libraries = [...libraries];
}

/** The words that serve the application of a module, with a server among the libraries; undefined if it has none. */
function serve(source: string, module: string, libraries: Set<string>): string[] | undefined {
  const [, named, maker] = /^(\w+)\s*=\s*(?:\w+\.)?(Flask|FastAPI|Starlette)\(/m.exec(source) ?? [];
  const [, factory, parameters = ""] = /^def (create_app|make_app)\(([^)]*)\)/m.exec(source) ?? [];
  const needsArguments = parameters.split(",").some((each) => each.trim() !== "" && !each.includes("="));
  const isAsync = maker === undefined ? libraries.has("fastapi") : maker !== "Flask";
  const application = named ?? (needsArguments ? undefined : factory);
  if (application === undefined) return undefined;
  const isFactory = named === undefined;
  if (isAsync) {
    // FastAPI and Starlette bring no server.
    libraries.add("uvicorn");
    const target = [...(isFactory ? ["--factory"] : []), `${module}:${application}`];
    return ["-m", "uvicorn", ...target, "--host", "0.0.0.0", "--port", "8000"];
  }
  const call = isFactory ? "()" : "";
  if (libraries.has("gunicorn")) return ["-m", "gunicorn", "--bind", "0.0.0.0:8000", `${module}:${application}${call}`];
  if (libraries.has("waitress"))
    return ["-m", "waitress", "--listen=0.0.0.0:8000", ...(isFactory ? ["--call"] : []), `${module}:${application}`];
  if (!libraries.has("flask")) return undefined;
  return ["-m", "flask", "--app", `${module}:${application}${call}`, "run", "--host", "0.0.0.0", "--port", "8000"];
}

/** The words that run the first command of `[project.scripts]` in pyproject.toml. */
function projectScript(toml: string): string[] | undefined {
  const [, module, name] = /^\[project\.scripts\]\s*(?:#.*\s*)*\S+\s*=\s*["']([\w.]+):(\w+)["']/m.exec(toml) ?? [];
  if (module === undefined || name === undefined) return undefined;
  return ["-c", `import sys; from ${module} import ${name}; sys.exit(${name}())`];
}

const PackageJson = z.object({
  main: z.optional(z.string()),
  scripts: z.optional(z.record(z.string(), z.string())),
  dependencies: z.optional(z.record(z.string(), z.string())),
});

/** Reads `start` and the dependencies of package.json. */
function inspectNode(folder: string, project: Project): void {
  const found = packageJson(folder);
  project.hasDependencies =
    Object.keys(found?.dependencies ?? {}).length > 0 && existsSync(join(folder, "package-lock.json"));
  const script = found?.scripts?.["start"];
  const main = /^node\s+(?:\.\/)?([\w./-]+?)(\.[cm]?js)?((?:\s+[\w./=:-]+)*)$/.exec(script ?? "");
  if (main === null) return;
  const [, stem = "", extension = ".js", rest = ""] = main;
  const file = existsSync(join(folder, stem)) && !statSync(join(folder, stem)).isDirectory() ? stem : stem + extension;
  if (!existsSync(join(folder, file))) return;
  // npm runs the `start` script in the project's folder, so the whole folder is copied.
  project.application = { path: "./.", isFile: false, main: file, isMainFound: true };
  project.start = [file, ...rest.trim().split(/\s+/).filter(Boolean)];
}

function packageJson(folder: string): z.infer<typeof PackageJson> | undefined {
  try {
    return PackageJson.parse(JSON.parse(read(folder, "package.json")));
  } catch {
    return undefined; // package.json is missing or invalid.
  }
}

function inspectGo(folder: string, project: Project): void {
  const text = read(folder, "go.mod");
  const module = /^module\s+(\S+)/m.exec(text)?.[1];
  const commands = existsSync(join(folder, "cmd")) ? readdirSync(join(folder, "cmd")) : [];
  const [only] = commands;
  project.program =
    commands.length === 1 && only !== undefined ? only : basename(module?.replace(/\/v\d+$/, "") ?? project.program);
  project.hasDependencies = /^\s*(?:require\b|\S+ v\d)/m.test(text) && !existsSync(join(folder, "vendor"));
}

function inspectRust(folder: string, project: Project): void {
  const text = read(folder, "Cargo.toml");
  const nameIn = (table: RegExp): string | undefined =>
    new RegExp(`^\\[${table.source}\\](?:\\n(?!\\[).*)*?\\nname\\s*=\\s*"([\\w-]+)"`, "m").exec(text)?.[1];
  project.program = nameIn(/\[bin\]/) ?? nameIn(/package/) ?? project.program;
  project.hasLock = existsSync(join(folder, "Cargo.lock"));
}

/** A file's text; "" if it cannot be read. */
function read(...path: string[]): string {
  try {
    return readFileSync(join(...path), "utf8");
  } catch {
    return "";
  }
}

/** An image name made from a folder's name, with letters without their accents. */
export function imageName(folder: string): string {
  const parts = basename(folder)
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return parts?.join("-") ?? "app";
}

function findApplication(folder: string, kind: Kind, copy: string): Application {
  const path = /^\.{0,2}\//.test(copy) ? copy : `./${copy}`;
  const isFile = statSync(join(folder, copy), { throwIfNoEntry: false })?.isFile() === true;
  const candidates = [kind === "node" ? packageMain(folder, copy) : undefined, ...MAIN_FILES[kind]];
  const found = candidates.find((name) => name !== undefined && existsSync(join(folder, copy, name)));
  const [common = ""] = MAIN_FILES[kind];
  return {
    path,
    isFile,
    main: isFile ? basename(copy) : (found ?? common),
    isMainFound: isFile || found !== undefined,
  };
}

/** `main` of package.json, relative to the copied folder; undefined if missing or outside that folder. */
function packageMain(folder: string, copy: string): string | undefined {
  const main = packageJson(folder)?.main;
  if (main === undefined) return undefined;
  const below = relative(join(folder, copy), join(folder, main));
  return below.startsWith("..") ? undefined : below;
}

/** The names of the required packages, spelled as in nixpkgs. */
function requirements(lines: string[]): string[] {
  const names = lines.flatMap((line) => /^\s*([A-Za-z][\w.-]*)/.exec(line)?.[1] ?? []);
  return names.map((name) => name.toLowerCase().replaceAll(/[._]+/g, "-"));
}

/** The names in `dependencies` of pyproject.toml (PEP 621). */
function pyproject(text: string): string[] {
  const list = /^dependencies\s*=\s*\[((?:\s|,|#.*|"[^"\n]*"|'[^'\n]*')*)\]/m.exec(text)?.[1] ?? "";
  return requirements([...list.matchAll(/["']([^"']+)["']/g)].map(([, requirement]) => requirement as string));
}

/**
 * The folders in which Nix looks for `<nixpkgs>` if NIX_PATH is not set: root's channels, and two places of the user's
 * channels.
 */
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
