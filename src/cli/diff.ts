/** `imgc diff`: what differs between two images, and what whoever has the first must pull for the second. */
import { statSync } from "node:fs";
import { compare, type Difference, type FileChange, type LayerChange } from "../diff/compare.ts";
import { sideOfDirectory, sideOfLayout, type Side } from "../diff/side.ts";
import { isDigestsFile } from "../image/digests-file.ts";
import { archiveFiles, folderFiles, type Files } from "../image/files.ts";
import { ImageError, isImageDirectory } from "../image/read.ts";
import { anywhere } from "./anywhere.ts";
import { bytes } from "./bytes.ts";
import type { CompileFlags } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { imageArgument, isSpec } from "./image-argument.ts";
import { onInterrupt } from "./interrupt.ts";

export interface DiffFlags extends CompileFlags {
  insecure?: boolean;
  json?: boolean;
}

/** Lines of a list that are shown before the rest is only counted. */
const SHOWN = 20;

export async function diff(before: string, after: string, flags: DiffFlags): Promise<void> {
  const options = { insecure: flags.insecure === true, signal: onInterrupt() };
  const difference = await orFinding(
    async () =>
      await anywhere(before, options, async (one) =>
        anywhere(after, options, async (other) => {
          using opened = new Opened(flags, options.signal);
          return await compare(await opened.side(one), await opened.side(other));
        }),
      ),
  );
  process.stdout.write(flags.json === true ? `${JSON.stringify(difference, null, 2)}\n` : words(difference));
}

/** What was opened to look at, closed together. */
class Opened {
  readonly #flags: CompileFlags;
  readonly #signal: AbortSignal;
  readonly #files: Files[] = [];

  constructor(flags: CompileFlags, signal: AbortSignal) {
    this.#flags = flags;
    this.#signal = signal;
  }

  async side(path: string): Promise<Side> {
    if (isSpec(path) || isImageDirectory(path) || isDigestsFile(path)) {
      return sideOfDirectory(await imageArgument(path, this.#flags, this.#signal));
    }
    const files = statSync(path).isDirectory() ? folderFiles(path) : await archiveFiles(path);
    this.#files.push(files);
    if (files.has("oci-layout")) return sideOfLayout(files, path);
    throw new ImageError(`${path} is neither an image directory, nor an OCI layout or an archive of one`);
  }

  [Symbol.dispose](): void {
    for (const files of this.#files) files[Symbol.dispose]();
  }
}

async function orFinding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ImageError ? new UserError(EXIT.findings, error.message) : error;
  }
}

function words({ before, after, layers, paths, files, pull }: Difference): string {
  if (before === after) return `the same image: ${before}\n`;
  const layer = ({ index, name, size }: LayerChange) => `layer ${index} (${name}), ${bytes(size)}`;
  return [
    `before  ${before}`,
    `after   ${after}`,
    `layers  ${layers.same} the same, ${layers.removed.length} gone, ${layers.added.length} new`,
    ...list(layers.removed, (each) => `  - ${layer(each)}`),
    ...list(layers.added, (each) => `  + ${layer(each)}`),
    ...(paths.removed.length + paths.added.length > 0 ? ["store paths"] : []),
    ...list(paths.removed, (path) => `  - ${path}`),
    ...list(paths.added, (path) => `  + ${path}`),
    ...(files.length > 0 ? ["files"] : []),
    ...list(files, fileWords),
    `to pull ${bytes(pull.bytes)} of ${bytes(pull.of)}, ${pull.layers} layers`,
    "",
  ].join("\n");
}

function fileWords({ name, before, after }: FileChange): string {
  if (before === null) return `  + ${name}, ${bytes(after ?? 0)}`;
  if (after === null) return `  - ${name}, ${bytes(before)}`;
  return `  ~ ${name}, ${bytes(before)}${before === after ? "" : ` -> ${bytes(after)}`}`;
}

function list<T>(values: T[], show: (value: T) => string): string[] {
  const rest = values.length - SHOWN;
  return [
    ...values.slice(0, SHOWN).map((value) => show(value)),
    ...(rest > 0 ? [`    and ${rest} more (--json has all)`] : []),
  ];
}
