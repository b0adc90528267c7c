/** The first description of an image, for a project; who writes it lays it out and checks it. */
import { writeString } from "../language/index.ts";
import type { Kind, Project } from "./project.ts";

/** What stands in the image's block, and before the image. */
interface Parts {
  about: string;
  before?: string;
  inside: string[];
}

const user = `user "1000:1000"`;
const languages = `provide [ tmp certificates ]`;

const makers: Record<Kind, (project: Project) => Parts> = {
  nix: ({ package: attribute }) => ({
    about: "One package of nixpkgs with what it needs to run.",
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
      about: "A Python application: the interpreter and its libraries lie below, what changes often on top.",
      ...(libraries.length > 0 && { before: `let python = nix ''${withLibraries}''` }),
      inside: [
        languages,
        copied(project, "/app"),
        `config {
          entrypoint [ "${python}/bin/python3" ${command(project)} ]
          env { PYTHONDONTWRITEBYTECODE "1" PYTHONUNBUFFERED "1" }
          ${user}
          workdir "/app"
        }`,
      ],
    };
  },
  node: (project) => ({
    about: "A Node.js application: the runtime lies below, what changes often on top.",
    inside: [
      languages,
      copied(project, "/app"),
      `config {
        entrypoint [ "\${nodejs}/bin/node" ${command(project)} ]
        env { NODE_ENV "production" }
        ${user}
        workdir "/app"
      }`,
    ],
  }),
  static: (project) => ({
    about: "A web site of files with a small server.",
    inside: [
      copied(project, "/srv"),
      `config {
        entrypoint [ "\${busybox}/bin/httpd" "-f" "-p" "8080" "-h" "/srv" ]
        ${user}
        expose [ 8080/tcp ]
      }`,
    ],
  }),
};

/** A branch that every reader knows; `imgc lock` pins what it is now. */
const PACKAGE_SET = 'nixpkgs "github:NixOS/nixpkgs/nixos-unstable"';

/** `hasPackageSet`: whether Nix finds `<nixpkgs>` on this machine; without it, the description names a package set. */
export function specText(project: Project, hasPackageSet: boolean): string {
  const { about, before, inside } = makers[project.kind](project);
  const packageSet = hasPackageSet
    ? `# The package set is <nixpkgs>; this line would pin one, with \`imgc lock\`:\n# ${PACKAGE_SET}`
    : `# The package set; \`imgc lock\` pins it.\n${PACKAGE_SET}`;
  const expected = "# Checked when the image is built.\n expect {\n size <= 500MiB\n no-setuid\n }";
  const head = [packageSet, ...(before === undefined ? [] : [before])].map((each) => `${each}\n\n`).join("");
  return `# ${about}\n${head}image ${writeString(project.name)} {\n ${[...inside, expected].join("\n\n ")}\n}\n`;
}

function copied({ application }: Project, into: string): string {
  if (application === undefined) return `# files { "${into}" copy ./src }`;
  const { path, isFile, main } = application;
  const source = /^[\w./-]+$/.test(path) ? path : `path ${writeString(path)}`;
  return `files {\n ${writeString(isFile ? `${into}/${main}` : into)} copy ${source}\n }`;
}

/** What the interpreter runs. */
function command({ application }: Project): string {
  return application === undefined ? "" : writeString(`/app/${application.main}`);
}
