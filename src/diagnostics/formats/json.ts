/** One JSON document for programs. Lines and columns count from 1; columns and offsets are in UTF-16 units. */
import { printableJson } from "../../util/printable.ts";
import type { Place } from "../diagnostic.ts";
import { documentationOf } from "../documentation.ts";
import { range, type Format } from "./format.ts";

export const json: Format = (report) => {
  const place = (at: Place) => {
    const { start, end } = range(at, report);
    return {
      file: report.name(at.file),
      range: { start: { ...start, offset: at.span.start }, end: { ...end, offset: at.span.end } },
    };
  };
  const count = (severity: string) => report.diagnostics.filter((found) => found.severity === severity).length;
  const document = {
    version: 1,
    files: report.files.map((file) => report.name(file)),
    diagnostics: report.diagnostics.map((found) => ({
      code: found.code,
      url: documentationOf(found.code),
      severity: found.severity,
      message: found.message,
      ...place(found),
      related: found.related.map((each) => ({ message: each.message, ...place(each) })),
      ...(found.fix && {
        fix: { title: found.fix.title, edits: found.fix.edits.map((edit) => ({ ...place(edit), text: edit.text })) },
      }),
    })),
    summary: { errors: count("error"), warnings: count("warning") },
  };
  return `${printableJson(JSON.stringify(document, null, 2))}\n`;
};
