/** Writes the first description of a project's image. The caller must format and check the text. */
import { writeString } from "../language/index.ts";
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
          entrypoint [ "${python}/bin/python3" ${command(project)} ]
          env { PYTHONDONTWRITEBYTECODE "1" PYTHONUNBUFFERED "1" }
          ${USER}
          workdir "/app"
        }`,
      ],
    };
  },
  node: (project) => ({
    about: "A Node.js application: the runtime is in lower layers, the files that change often in the top layer.",
    inside: [
      PROVIDE,
      copied(project, "/app"),
      `config {
        entrypoint [ "\${nodejs}/bin/node" ${command(project)} ]
        env { NODE_ENV "production" }
        ${USER}
        workdir "/app"
      }`,
    ],
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

function copied({ application }: Project, into: string): string {
  if (application === undefined) return `# files { "${into}" copy ./src }`;
  const { path, isFile, main } = application;
  const source = /^[\w./-]+$/.test(path) ? path : `path ${writeString(path)}`;
  return `files {\n ${writeString(isFile ? `${into}/${main}` : into)} copy ${source}\n }`;
}

/** The interpreter's argument: the file to run. */
function command({ application }: Project): string {
  return application === undefined ? "" : writeString(`/app/${application.main}`);
}
