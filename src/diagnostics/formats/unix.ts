/** One line for each diagnostic, as C compilers print them. */
import { printableLine } from "../../util/printable.ts";
import { where, type Format } from "./format.ts";

export const unix: Format = (report) =>
  report.diagnostics
    .map((found) => `${where(found, report)}: ${found.severity}: ${printableLine(found.message)} [${found.code}]\n`)
    .join("");
