/**
 * The derivation of an archive in `files`: writes the archive's content to `tree`, and the modes that a store cannot hold to
 * `modes.json` (layer/modes.ts). The image sets owners.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { attributes } from "../attributes.ts";
import { BuildError } from "../build-error.ts";
import { phase } from "../derivation.ts";
import { extractArchive } from "../extract/extract-archive.ts";
import { nameOf } from "../../store/store-path.ts";
import { messageOf } from "../../util/errors.ts";

const Attributes = z.object({
  /** The path of the entry in `files`. */
  path: z.string(),
  archive: z.string(),
  strip: z.number(),
  /** The program that unpacks xz; null if the archive's name rules xz out, or the package set has no xz. */
  xz: z.nullable(z.string()),
});

export async function extract(): Promise<void> {
  const { path, archive, strip, xz, out } = attributes(Attributes);
  const name = nameOf(archive);
  phase(`unpacking ${name}`);
  mkdirSync(`${out}/tree`, { recursive: true });
  try {
    const modes = await extractArchive(archive, `${out}/tree`, { strip, xz });
    writeFileSync(`${out}/modes.json`, `${JSON.stringify(modes)}\n`);
  } catch (error) {
    throw new BuildError([{ at: ["files", path], message: `${name} cannot be unpacked: ${messageOf(error)}` }]);
  }
}
