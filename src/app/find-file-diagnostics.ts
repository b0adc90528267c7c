/** Starts another process that finds the diagnostics about files beside the description, for the language server. */
import { execFile } from "node:child_process";
import * as z from "zod/mini";
import { catalogue, type Code } from "../diagnostics/catalogue.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** Limit of the time for reading the copied folders, in milliseconds. */
const SEARCH_MS = 10_000;
/** The diagnostics about copied files and key files. */
const FILE_CODES: Code[] = ["copied-secret", "copied-store-link", "copied-cache", "bad-key"];

const Checked = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string(),
      message: z.string(),
      range: z.object({ start: z.object({ offset: z.number() }), end: z.object({ offset: z.number() }) }),
    }),
  ),
});

/**
 * Checks a file with `imgc check` in a separate process, so that large folders do not block the server. `program`: the
 * program `imgc`.
 */
export async function findFileDiagnostics(program: string, path: string, signal: AbortSignal): Promise<Diagnostic[]> {
  const args = [program, "check", "--format", "json", path];
  const stdout = await new Promise<string>((resolve) => {
    // Ignore the exit code: `imgc check` exits with 1 for any error in the file.
    execFile(process.execPath, args, { signal, timeout: SEARCH_MS, maxBuffer: 1 << 26 }, (_, output) =>
      resolve(output),
    );
  });
  const { diagnostics } = Checked.parse(JSON.parse(stdout));
  return FILE_CODES.flatMap((code) =>
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
