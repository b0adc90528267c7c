/** `imgc lsp`: the language server, on standard input and output. */
import { readdirSync } from "node:fs";
import manifest from "../../../package.json" with { type: "json" };
import { serve } from "../../lsp/server.ts";
import { packageSetOf } from "../../app/package-set.ts";
import { disk } from "../../app/read-spec.ts";

export function lsp(): void {
  serve({ ...disk, list }, packageSetOf, manifest.version);
}

/** Lists a folder; folders end with "/". Symbolic links are not followed, so that no folder is walked twice. */
function list(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  } catch {
    return [];
  }
}
