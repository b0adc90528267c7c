/** Writes the first description of a project's image. The caller must format and check the text. */
import { writePath, writeString } from "../language/index.ts";
import type { Kind, Project } from "./project.ts";

interface Parts {
  /** A comment at the top of the file. */
  about: string;
  /** Text before the image. */
  before?: string;
  /** The settings in the image's block. */
  inside: string[];
}

const USER = `user "1000:1000"`;
const FLAKE_PACKAGE = "(builtins.getFlake (toString ./.)).packages.''${pkgs.stdenv.hostPlatform.system}.default";
const PROVIDE = `provide [ tmp certificates ]`;

const makers: Record<Kind, (project: Project) => Parts> = {
  nix: ({ package: attribute }) => ({
    about: "A package of nixpkgs with its runtime dependencies.",
    inside: [
      `packages [ ${attribute} ]`,
      `config {\n entrypoint [ ${writeString(`/bin/${attribute.split(".").at(-1) ?? ""}`)} ]\n }`,
    ],
  }),
  python(project) {
    const { libraries } = project;
    const withLibraries = `python3.withPackages (p: [ ${libraries.map((name) => `p.${name}`).join(" ")} ])`;
    const python = libraries.length === 0 ? "${python3}" : "${$python}";
    return {
      about:
        "A Python application: the interpreter and libraries are in lower layers, the files that change often in the top layer.",
      ...(libraries.length > 0 && { before: `let python = nix ''${withLibraries}''` }),
      inside: [
        PROVIDE,
        copied(project, "/app"),
        `config {
          ${mainNote(project)}entrypoint [ "${python}/bin/python3" ${command(project)} ]
          env { PYTHONDONTWRITEBYTECODE "1" PYTHONUNBUFFERED "1" }
          ${USER}
          workdir "/app"
          ${exposed(project)}
        }`,
      ],
    };
  },
  node: (project) => ({
    about: "A Node.js application: the runtime is in lower layers, the files that change often in the top layer.",
    ...(project.hasDependencies &&
      project.application !== undefined && {
        before: "let modules = nix ''importNpmLock.buildNodeModules { npmRoot = ./.; inherit nodejs; }''",
      }),
    inside: [
      PROVIDE,
      copied(project, "/app", project.hasDependencies ? [`"/app/node_modules" link "\${$modules}/node_modules"`] : []),
      `config {
        ${mainNote(project)}entrypoint [ "\${nodejs}/bin/node" ${command(project)} ]
        env { NODE_ENV "production" }
        ${USER}
        workdir "/app"
      }`,
    ],
  }),
  go({ program, hasDependencies }) {
    const hash = hasDependencies
      ? "\n  # Nix prints the right hash when it first builds the program.\n  vendorHash = lib.fakeHash;"
      : "\n  vendorHash = null;";
    return built(
      program,
      "A Go program.",
      `buildGoModule {\n  pname = "${program}";\n  version = "0";\n  src = ./.;${hash}\n}`,
    );
  },
  rust: ({ program, hasLock }) =>
    built(
      program,
      `A Rust program.${hasLock ? "" : "\n# Nix needs Cargo.lock: run `cargo generate-lockfile`."}`,
      `rustPlatform.buildRustPackage {\n  pname = "${program}";\n  version = "0";\n  src = ./.;\n  cargoLock.lockFile = ./Cargo.lock;\n}`,
    ),
  flake: ({ hasLock }) => ({
    about: `The default package of the flake beside this file.${hasLock ? "" : "\n# Nix needs flake.lock: run `nix flake lock`."}`,
    before: `let app = nix ''\n${FLAKE_PACKAGE}\n''
      # Like \`nix run\`, runs meta.mainProgram, or else the program with the package's name.
      let program = nix ''\nlet app = ${FLAKE_PACKAGE}; in
      app.meta.mainProgram or app.pname or (builtins.parseDrvName app.name).name\n''`,
    inside: [PROVIDE, `config {\n entrypoint [ "\${$app}/bin/\${$program}" ]\n ${USER}\n }`],
  }),
  static: (project) => ({
    about: "A web site of static files with a small server.",
    inside: [
      copied(project, "/srv"),
      `config {
        entrypoint [ "\${busybox}/bin/httpd" "-f" "-p" "8080" "-h" "/srv" ]
        ${USER}
        expose [ 8080/tcp ]
      }`,
    ],
  }),
};

/** The usual branch of nixpkgs; `imgc lock` pins its current commit. */
const PACKAGE_SET = 'nixpkgs "github:NixOS/nixpkgs/nixos-unstable"';

/** The text of a description. `hasPackageSet`: whether Nix finds `<nixpkgs>`; if not, the text has a `nixpkgs` setting. */
export function specText(project: Project, hasPackageSet: boolean): string {
  const { about, before, inside } = makers[project.kind](project);
  const packageSet = hasPackageSet
    ? `# The package set is <nixpkgs>. To pin a package set, uncomment this line and run \`imgc lock\`:\n# ${PACKAGE_SET}`
    : `# The package set; \`imgc lock\` pins it.\n${PACKAGE_SET}`;
  const expectations = "# Checked when the image is built.\n expect {\n size <= 500MiB\n no-setuid\n }";
  const head = [packageSet, ...(before === undefined ? [] : [before])].map((each) => `${each}\n\n`).join("");
  return `# ${about}\n${head}image ${writeString(project.name)} {\n ${[...inside, expectations].join("\n\n ")}\n}\n`;
}

/** A program that Nix builds from the project's sources. */
function built(program: string, about: string, code: string): Parts {
  return {
    about,
    before: `let app = nix ''\n${code}\n''`,
    inside: [PROVIDE, `config {\n entrypoint [ "\${$app}/bin/${program}" ]\n ${USER}\n }`],
  };
}

function exposed({ port }: Project): string {
  return port === undefined ? "" : `expose [ ${port}/tcp ]`;
}

/** `more`: further entries of `files`. */
function copied({ application }: Project, into: string, more: string[] = []): string {
  if (application === undefined) return `# files { "${into}" copy ./src }`;
  const { path, isFile, main, importedAs } = application;
  const name = isFile ? main : importedAs;
  const target = writeString(name === undefined ? into : `${into}/${name}`);
  const isWhole = path === "./.";
  const entries = [`${target} copy ${writePath(path)}${isWhole ? ' { exclude [ "*.imgspec" ] }' : ""}`, ...more];
  return `files {\n ${entries.join("\n")}\n }`;
}

function mainNote({ application, start }: Project): string {
  return start === undefined && application?.isMainFound !== true ? "# No file to run was found. Name it here:\n" : "";
}

/** The interpreter's arguments. */
function command({ application, start }: Project): string {
  if (start !== undefined) return start.map(writeString).join(" ");
  return application === undefined ? "" : writeString(`/app/${application.main}`);
}
