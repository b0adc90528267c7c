// One finding on one line, as compilers of old do.
import { where, type Format } from "./format.ts";

export const unix: Format = (report) =>
  report.diagnostics
    .map((found) => `${where(found, report)}: ${found.severity}: ${found.message} [${found.code}]\n`)
    .join("");
