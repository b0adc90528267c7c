/** The content derivation: all files outside the store. Its output refers to the store paths that these files need. */
import * as z from "zod/mini";
import type { ShellFile } from "../../image/shell-file.ts";
import { attributes } from "../attributes.ts";
import { phase, readJson, storeDir, writeOutputs } from "../derivation.ts";
import { writeContents, type BaseFile } from "../base/contents.ts";
import { ContentArguments, makeContent, NO_BASE } from "../content/make-content.ts";
import { readContent } from "../own-files.ts";
import { readRecipes } from "../recipes.ts";

const Attributes = z.extend(ContentArguments, {
  /** The base's content; null for scratch. */
  base: z.nullable(z.string()),
  /** The derivation of the foreign base under the image's other bases; null without a foreign base. */
  foreignBase: z.nullable(z.string()),
  /** The environment derivation (environment.ts); null without one. */
  shell: z.nullable(z.string()),
});

export async function content(): Promise<void> {
  const { base, foreignBase, shell, ...args } = attributes(Attributes);
  phase("merging the files");
  const below = base === null ? NO_BASE : readContent(base);
  const environment = shell === null ? undefined : (readJson(shell) as ShellFile);
  const folder = args.contents ?? "";
  const files = foreignBase === null ? [] : (readJson(`${foreignBase}/files.json`) as BaseFile[]);
  const made = makeContent(below, args, storeDir(), environment, { files, folder });
  if (foreignBase !== null && args.contents !== undefined) {
    phase("copying files from the base");
    await writeContents(
      folder,
      made.entries,
      readRecipes([foreignBase]).map(({ layer }) => layer),
    );
  }
  writeOutputs(args, made);
}
