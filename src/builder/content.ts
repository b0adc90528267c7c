/** The content derivation: everything outside the store. Nix finds in its output which store paths it needs. */
import * as z from "zod/mini";
import { ContentFile } from "../image/content-file.ts";
import { ShellFile } from "../image/shell-file.ts";
import { attributes, phase, readJson, storeDir, writeOutputs } from "./attributes.ts";
import { ContentArguments, makeContent, NO_BASE } from "./content/make-content.ts";

const Attributes = z.extend(ContentArguments, {
  /** The base's content; null for scratch. */
  base: z.nullable(z.string()),
  /** Names of the files in a foreign base that are missing from its content file, if the image needs them. */
  baseNames: z.nullable(z.string()),
  /** The environment derivation; null where the image is none to build in. */
  shell: z.nullable(z.string()),
});

export function content(): void {
  const { base, baseNames, shell, ...args } = attributes(Attributes);
  phase("putting the files together");
  const below = base === null ? NO_BASE : ContentFile.parse(readJson(base));
  const environment = shell === null ? undefined : ShellFile.parse(readJson(shell));
  const names = baseNames === null ? [] : z.array(z.string()).parse(readJson(baseNames));
  writeOutputs(args, makeContent(below, args, storeDir(), environment, names));
}
