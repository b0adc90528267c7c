/** `imgc lsp`: the language server, on standard input and output. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import * as z from "zod/mini";
import manifest from "../../../package.json" with { type: "json" };
import { catalogue, type Code } from "../../diagnostics/catalogue.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { serve } from "../../lsp/server.ts";
import { packageSetOf } from "../../app/package-set.ts";
import { disk } from "../../app/read-spec.ts";

export function lsp(): void {
  serve({ ...disk, list }, { openPackages: packageSetOf, findCopyWarnings }, manifest.version);
}

/** Limit of the time for reading the copied folders, in milliseconds. */
const SEARCH_MS = 10_000;
const COPY_WARNINGS: Code[] = ["copied-secret", "copied-store-link", "copied-cache"];

const Checked = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string(),
      message: z.string(),
      range: z.object({ start: z.object({ offset: z.number() }), end: z.object({ offset: z.number() }) }),
    }),
  ),
});

/** Checks a file in a separate process, so that large folders do not block the server. */
async function findCopyWarnings(path: string, signal: AbortSignal): Promise<Diagnostic[]> {
  const args = [process.argv[1] as string, "check", "--format", "json", path];
  const stdout = await new Promise<string>((resolve) => {
    // Ignore the exit code: `imgc check` exits with 1 for any error in the file.
    execFile(process.execPath, args, { signal, timeout: SEARCH_MS, maxBuffer: 1 << 26 }, (_, output) =>
      resolve(output),
    );
  });
  const { diagnostics } = Checked.parse(JSON.parse(stdout));
  return COPY_WARNINGS.flatMap((code) =>
    diagnostics
      .filter((found) => found.code === code)
      .map(({ message, range }) => ({
        code,
        message,
        severity: catalogue[code].severity,
        parameters: {},
        file: path,
        span: { start: range.start.offset, end: range.end.offset },
        related: [],
      })),
  );
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
