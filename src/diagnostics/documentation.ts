// Where a finding is explained at length.
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Code } from "./catalogue.ts";

/** The pages come with the package: beside `dist` when bundled, at the top of the repository in development. */
const root = join(import.meta.dirname, basename(import.meta.dirname) === "dist" ? ".." : "../..");

/** The URL of a code's page. */
export function documentationOf(code: Code): string {
  return pathToFileURL(join(root, "grammar/diagnostics", `${code}.md`)).href;
}
