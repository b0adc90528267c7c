/** Formats the changes of a file as a patch for `git apply`. */
import { relative } from "node:path";
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch, type StructuredPatch } from "diff";
import type { Source } from "../../language/index.ts";

/** If more lines than this change, the patch replaces the whole text: finding the smallest change would take minutes. */
const maxEditLength = 2000;

export function difference({ path, text }: Source, changed: string): string {
  const name = relative(process.cwd(), path);
  const [before, after] = [`a/${name}`, `b/${name}`];
  const options = { maxEditLength, context: 3 };
  const patch = structuredPatch(before, after, text, changed, undefined, undefined, options) ?? {
    ...structuredPatch(before, after, "", ""),
    hunks: [replaceAll(text, changed)],
  };
  return formatPatch(patch, FILE_HEADERS_ONLY);
}

function replaceAll(text: string, changed: string): StructuredPatch["hunks"][number] {
  const marked = (all: string, mark: string): string[] =>
    all
      .split(/(?<=\n)/)
      .flatMap((line) =>
        line.endsWith("\n") ? mark + line.slice(0, -1) : [mark + line, "\\ No newline at end of file"],
      );
  const count = (all: string): number => all.split(/(?<=\n)/).length;
  return {
    oldStart: 1,
    oldLines: count(text),
    newStart: 1,
    newLines: count(changed),
    lines: [...marked(text, "-"), ...marked(changed, "+")],
  };
}
