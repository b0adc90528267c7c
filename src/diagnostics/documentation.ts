/** Locates the page that explains a diagnostic. */
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Code } from "./catalogue.ts";

/** The package's folder, which contains the pages: the parent of `dist`, or the repository in development. */
const ROOT = join(import.meta.dirname, basename(import.meta.dirname) === "dist" ? ".." : "../..");

/** The URL of a code's page. */
export function documentationOf(code: Code): string {
  return pathToFileURL(join(ROOT, "grammar/diagnostics", `${code}.md`)).href;
}
