/**
 * The derivation of an archive that `files` unpacks: `node extractor.mjs extract` writes `tree`, which has what is in it, and
 * `modes.json`, the modes that a store cannot hold (layer/modes.ts). Owners are the image's own business. A bundle of its
 * own, so that a change of it rebuilds no layer.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import * as z from "zod/mini";
import { attributes, BuildError, phase, reason } from "./attributes.ts";
import { extractArchive } from "./extract/extract-archive.ts";
import { runAction } from "./run-action.ts";

const Attributes = z.object({
  /** The entry of `files`. */
  path: z.string(),
  archive: z.string(),
  strip: z.number(),
  /** The program that unpacks xz; null where the archive's name says that none is needed, or the package set has none. */
  xz: z.nullable(z.string()),
});

async function extract(): Promise<void> {
  const { path, archive, strip, xz, out } = attributes(Attributes);
  const shown = basename(archive).replace(/^[0-9a-z]{32}-/, "");
  phase(`unpacking ${shown}`);
  mkdirSync(`${out}/tree`, { recursive: true });
  try {
    const modes = await extractArchive(archive, `${out}/tree`, { strip, xz });
    writeFileSync(`${out}/modes.json`, `${JSON.stringify(modes)}\n`);
  } catch (error) {
    throw new BuildError([{ at: ["files", path], message: `${shown} cannot be unpacked: ${reason(error)}` }]);
  }
}

await runAction({ extract });
