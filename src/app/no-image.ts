/** Says what is at a path that is not an image, and which command to run. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { EXIT, ImgcError } from "../util/errors.ts";
import { entriesOf, missingText, statNamed } from "../util/named-path.ts";
import { printableLine } from "../util/printable.ts";
import { kindOf, readRegularPart } from "../util/regular-file.ts";
import { shellWord } from "../util/shell.ts";
import { isImageDirectory } from "../image/image-directory.ts";
import { isIndexDirectory } from "../image/index-directory.ts";
import { isSpec } from "./spec-files.ts";

/** The beginning of the file `version` in such a folder. */
const TRANSPORT = "Directory Transport Version:";
const DOCKERFILE = /^(?:Dockerfile|Containerfile)(?:\.|$)|\.[Dd]ockerfile$/;

/**
 * Throws if a path holds something that is certainly not an image, such as a description or a flake. `command`: the name of
 * the command, if the command builds no descriptions.
 */
export function refuseOtherThings(path: string, command?: string): void {
  const found = otherThing(path, command);
  if (found !== undefined) throw new ImgcError(EXIT.usage, found);
}

function otherThing(path: string, command?: string): string | undefined {
  const stat = statNamed(path);
  if (stat === undefined) return `${missingText(path)}; ${howToBuild(path)}`;
  const name = printableLine(path);
  const then = command === undefined ? "and then this command with `result`" : `and then \`imgc ${command} result\``;
  if (stat.isDirectory() && isTransportFolder(path))
    return `${name} is a folder of skopeo's transport \`dir:\`; for \`imgc verify\` and \`imgc diff\`, make an archive with \`skopeo copy ${shellWord(`dir:${name}`)} oci-archive:image.tar\``;
  if (stat.isDirectory()) return isImage(path) ? undefined : inFolder(path, then);
  if (!stat.isFile()) return `${name} is a ${kindOf(stat)}, not an image`;
  if (isSpec(path)) return `${name} is a description, not an image; run \`imgc build ${shellWord(name)}\`, ${then}`;
  if (DOCKERFILE.test(basename(path)))
    return `${name} is a Dockerfile, not an image; run \`imgc import ${shellWord(name)}\`, which writes a description`;
  if (basename(path) === "flake.nix") return inFolder(dirname(path), then);
  if (path.endsWith(".nix"))
    return `${name} is a Nix expression, not an image; run \`nix-build ${shellWord(name)}\`, ${then}`;
  return undefined;
}

/** Whether skopeo or podman wrote the folder in the form `dir:` or `docker-dir`: its manifest.json is that of a registry. */
function isTransportFolder(folder: string): boolean {
  const version = join(folder, "version");
  return (
    existsSync(join(folder, "manifest.json")) &&
    statNamed(version)?.isFile() === true &&
    readRegularPart(version, 0, TRANSPORT.length).toString("latin1") === TRANSPORT
  );
}

/** Whether a folder is an image directory, or probably an OCI layout or an unpacked Docker archive. */
function isImage(folder: string): boolean {
  const isOther = ["oci-layout", "manifest.json"].some((name) => existsSync(join(folder, name)));
  return isOther || isImageDirectory(folder) || isIndexDirectory(folder);
}

function inFolder(path: string, then: string): string | undefined {
  const names = entriesOf(path)
    .map((entry) => entry.name)
    .toSorted();
  const name = printableLine(path);
  const specs = names.filter(isSpec);
  const [spec, ...others] = specs;
  if (spec !== undefined) {
    const all = others.length === 0 ? `the description ${spec}` : `the descriptions ${specs.join(", ")}`;
    return `${name} has ${all} and no image; run \`imgc build ${shellWord(join(name, spec))}\`, ${then}`;
  }
  if (names.includes("flake.nix")) {
    // Without a slash, Nix would look up a flake of this name in its registry.
    const flake = /^\.{0,2}\//.test(name) || name === "." ? name : `./${name}`;
    return `${name} has a flake and no image; run \`nix build ${shellWord(flake)}\`, ${then}`;
  }
  const dockerfile = names.find((each) => DOCKERFILE.test(each));
  if (dockerfile === undefined) return undefined;
  const from = shellWord(join(name, dockerfile));
  return `${name} has a Dockerfile and no image; run \`imgc import ${from}\`, which writes a description`;
}

/** For a link of an earlier build, names the description beside it. */
function howToBuild(path: string): string {
  const folder = dirname(path);
  const entries = statNamed(folder)?.isDirectory() === true ? entriesOf(folder) : [];
  const [only, ...others] = entries.filter(({ name }) => isSpec(name));
  if (only === undefined || others.length > 0) return "build the image first";
  return `run \`imgc build ${shellWord(printableLine(join(folder, only.name)))}\``;
}
