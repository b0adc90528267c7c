/** Writes a first description for the files of a folder. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { format } from "../format/format.ts";
import { hasPackageSet, inspectProject, type Kind, type ProjectOptions } from "../init/project.ts";
import { specText } from "../init/spec-text.ts";
import { check } from "../language/index.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { createText } from "../util/text-files.ts";

/** Throws if the file exists, so that nothing is replaced. */
export function requireNew(file: string): void {
  if (existsSync(file)) throw new ImgcError(EXIT.usage, `${file} already exists`);
  if (!existsSync(dirname(resolve(file)))) throw new ImgcError(EXIT.usage, `the folder of ${file} does not exist`);
}

/** `needsLock`: whether the package set must be pinned before a build. */
export async function writeDescription(
  file: string,
  kind: Kind,
  options: ProjectOptions,
): Promise<{ needsLock: boolean }> {
  const path = resolve(file);
  const hasSet = hasPackageSet();
  const { text } = await format({ path, text: specText(inspectProject(dirname(path), kind, options), hasSet) });
  // Values of the options may be wrong, such as the name of the image.
  const { diagnostics } = check({ path, text }, { read: () => undefined, exists: existsSync });
  const wrong = diagnostics.find(({ severity }) => severity === "error");
  if (wrong !== undefined) throw new ImgcError(EXIT.usage, wrong.message);
  createText(path, text);
  return { needsLock: !hasSet };
}
