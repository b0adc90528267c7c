/** SARIF 2.1.0, which the code scanning of forges and many editors read. */
import { catalogue, type Code } from "../catalogue.ts";
import { printableJson } from "../../util/printable.ts";
import type { Place } from "../diagnostic.ts";
import { documentationOf } from "../documentation.ts";
import { range, type Format, type Report } from "./format.ts";
import { percentEncode } from "../../util/percent-encode.ts";

export const sarif: Format = (report) => {
  const codes = [...new Set(report.diagnostics.map((found) => found.code))].toSorted();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "imgc", rules: codes.map(rule) } },
        columnKind: "utf16CodeUnits",
        results: report.diagnostics.map((found) => ({
          ruleId: found.code,
          ruleIndex: codes.indexOf(found.code),
          level: found.severity,
          message: { text: found.message },
          locations: [location(found, report)],
          ...(found.related.length > 0 && {
            relatedLocations: found.related.map((each, id) => ({
              id,
              message: { text: each.message },
              ...location(each, report),
            })),
          }),
          ...(found.fix && {
            fixes: [
              {
                description: { text: found.fix.title },
                artifactChanges: found.fix.edits.map((edit) => ({
                  artifactLocation: { uri: uri(report.name(edit.file)) },
                  replacements: [{ deletedRegion: region(edit, report), insertedContent: { text: edit.text } }],
                })),
              },
            ],
          }),
        })),
      },
    ],
  };
  return `${printableJson(JSON.stringify(log, null, 2))}\n`;
};

function rule(code: Code) {
  const { severity, explanation, bad, good } = catalogue[code];
  return {
    id: code,
    shortDescription: { text: code.replaceAll("-", " ") },
    fullDescription: { text: explanation },
    helpUri: documentationOf(code),
    help: { text: `${explanation}\n\nWrong:\n\n${bad}\nRight:\n\n${good}` },
    defaultConfiguration: { level: severity },
  };
}

function location(place: Place, report: Report) {
  return {
    physicalLocation: {
      artifactLocation: { uri: uri(report.name(place.file)) },
      region: region(place, report),
    },
  };
}

function region(place: Place, report: Report) {
  const { start, end } = range(place, report);
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

/** A path as a URI, or a relative path as a relative reference. */
function uri(path: string): string {
  const escaped = path
    .split("/")
    .map((part) => percentEncode(part))
    .join("/");
  return path.startsWith("/") ? `file://${escaped}` : escaped;
}
