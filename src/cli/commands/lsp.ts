/** `imgc lsp`: the language server, on standard input and output. */
import { createConnection, type Connection } from "vscode-languageserver/node";
import manifest from "../../../package.json" with { type: "json" };
import { findFileDiagnostics } from "../../app/find-file-diagnostics.ts";
import { readLock } from "../../app/lock-file.ts";
import { lastBuilds } from "../../app/last-builds.ts";
import { packageSetOf } from "../../app/package-set.ts";
import { resolvePins } from "../../app/resolve-pins.ts";
import { runImgc } from "../../app/run-imgc.ts";
import { disk, list } from "../../app/read-spec.ts";
import { serve } from "../../lsp/server.ts";

export function lsp(): void {
  serveEditor(createConnection(process.stdin, process.stdout), process.argv[1] as string);
}

/** `program`: the path of imgc's program, which the server runs for long work. */
export function serveEditor(connection: Connection, program: string): void {
  serve(
    connection,
    { ...disk, list },
    {
      openPackages: packageSetOf,
      findFileDiagnostics: async (path, signal) => await findFileDiagnostics(program, path, signal),
      findLastBuilds: lastBuilds,
      runImgc: async (args, folder, onLine) => await runImgc([program, ...args], folder, onLine),
      resolvePins,
      readPins: (file) => readLock(file),
    },
    manifest.version,
  );
}
