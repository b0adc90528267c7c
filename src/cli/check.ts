/** `imgc check`: diagnostics are the result, so they go to standard output. */
import { EXIT } from "./exit.ts";
import { checkFile } from "./read-spec.ts";
import { report } from "./report.ts";

export function check(files: string[]): void {
  let errors = 0;
  for (const file of files) {
    const result = checkFile(file);
    process.stdout.write(report(result, process.stdout));
    errors += result.diagnostics.filter(({ severity }) => severity === "error").length;
  }
  if (errors > 0) process.exitCode = EXIT.findings;
}
