/** Types and helpers of the output formats of diagnostics. */
import type { Diagnostic, Place } from "../diagnostic.ts";
import { printableLine } from "../../util/printable.ts";
import { position, type Position, type Source } from "../source.ts";

export interface Report {
  diagnostics: readonly Diagnostic[];
  sources: ReadonlyMap<string, Source>;
  /** The checked files. */
  files: readonly string[];
  colours: boolean;
  /** The columns of a line; Infinity if lines must not be shortened. */
  width: number;
  /** The name to show for a path. */
  name(path: string): string;
}

export type Format = (report: Report) => string;

/** The first and the last position of a place. */
export function range(place: Place, { sources }: Pick<Report, "sources">): { start: Position; end: Position } {
  const source = sources.get(place.file) ?? { text: "" };
  return { start: position(source, place.span.start), end: position(source, place.span.end) };
}

/** `file:line:column`. */
export function where(place: Place, report: Pick<Report, "sources" | "name">): string {
  const { line, column } = range(place, report).start;
  return `${printableLine(report.name(place.file))}:${line}:${column}`;
}
