/**
 * Sends diagnostics to the editor when no change came for as long as the last check took, or for MAX_WAIT_MS if that is
 * shorter. An editor that asks for the diagnostics of its open files itself is sent only those of other files. If the
 * diagnostics of an open file changed, the editor is told to ask again.
 */
import {
  DiagnosticSeverity,
  DiagnosticTag,
  type Connection,
  type Diagnostic as ProtocolDiagnostic,
} from "vscode-languageserver/node";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { documentationOf } from "../diagnostics/documentation.ts";
import type { CheckResult, Source } from "../language/index.ts";
import type { Converter } from "./convert.ts";
import { byFile } from "./diagnostics.ts";
import type { PinHint } from "./outdated-pins.ts";

const MAX_WAIT_MS = 1000;

/** How an editor gets the diagnostics of open files: the server sends them, or the editor asks. */
export type Delivery = "push" | "pull" | "pull-and-refresh";

export class Publisher {
  readonly #connection: Connection;
  readonly #converter: Converter;
  /** Checks the open files. */
  readonly #open: () => Map<string, CheckResult>;
  readonly #hintsOf: (path: string, result: CheckResult) => PinHint[];
  #timer: NodeJS.Timeout | undefined;
  #lastCheckMs = 0;
  delivery: Delivery = "push";
  /** The diagnostics last sent for each file, as JSON; unchanged ones are not sent again. */
  readonly #sent = new Map<string, string>();

  /** `hintsOf`: the hints for an open file. The place of a hint may be in a file that the open file imports. */
  constructor(
    connection: Connection,
    converter: Converter,
    open: () => Map<string, CheckResult>,
    hintsOf: (path: string, result: CheckResult) => PinHint[],
  ) {
    this.#connection = connection;
    this.#converter = converter;
    this.#open = open;
    this.#hintsOf = hintsOf;
  }

  schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#publish(), Math.min(MAX_WAIT_MS, this.#lastCheckMs));
  }

  /** The diagnostics of an open file, for an editor that asks. */
  pull(file: string): ProtocolDiagnostic[] {
    const open = this.#open();
    const converted = this.#convert(byFile(open).get(file) ?? [], this.#hints(open).get(file) ?? [], open);
    this.#sent.set(file, JSON.stringify(converted));
    return converted;
  }

  /** The hints for all open files, by file. */
  #hints(open: Map<string, CheckResult>): Map<string, PinHint[]> {
    const hints = [...open].flatMap(([path, result]) => this.#hintsOf(path, result));
    return Map.groupBy(hints, ({ file }) => file);
  }

  #convert(diagnostics: Diagnostic[], hints: PinHint[], open: Map<string, CheckResult>): ProtocolDiagnostic[] {
    const sources = new Map([...open.values()].flatMap((each) => [...each.sources]));
    return [
      ...diagnostics.flatMap((each) => toProtocol(each, sources, this.#converter) ?? []),
      ...hints.flatMap((each) => hintToProtocol(each, sources, this.#converter) ?? []),
    ];
  }

  #publish(): void {
    const started = performance.now();
    const open = this.#open();
    const found = byFile(open);
    let isOutdated = false;
    const hints = this.#hints(open);
    for (const file of [...this.#sent.keys(), ...hints.keys()]) if (!found.has(file)) found.set(file, []);
    for (const [file, diagnostics] of found) {
      const uri = this.#converter.uri(file);
      const converted = this.#convert(diagnostics, hints.get(file) ?? [], open);
      const content = JSON.stringify(converted);
      if ((this.#sent.get(file) ?? "[]") === content && this.#sent.has(file)) continue;
      if (this.delivery !== "push" && open.has(file)) {
        isOutdated = true;
        continue;
      }
      if (converted.length === 0 && !open.has(file)) this.#sent.delete(file);
      else this.#sent.set(file, content);
      void this.#connection.sendDiagnostics({ uri, diagnostics: converted });
    }
    // The editor may end the connection before it answers.
    if (isOutdated && this.delivery === "pull-and-refresh")
      this.#connection.languages.diagnostics.refresh().catch(() => {});
    this.#lastCheckMs = performance.now() - started;
  }
}

/** A diagnostic in the form of the protocol; undefined if its file is not among the sources. */
export function toProtocol(
  found: Diagnostic,
  sources: ReadonlyMap<string, Source>,
  converter: Converter,
): ProtocolDiagnostic | undefined {
  const at = converter.location(found, sources);
  if (at === undefined) return undefined;
  return {
    range: at.range,
    severity: found.severity === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code: found.code,
    codeDescription: { href: documentationOf(found.code) },
    source: "imgc",
    message: found.message,
    ...(found.unnecessary === true && { tags: [DiagnosticTag.Unnecessary] }),
    relatedInformation: found.related.flatMap((each) => {
      const location = converter.location(each, sources);
      return location === undefined ? [] : [{ location, message: each.message }];
    }),
  };
}

function hintToProtocol(
  hint: PinHint,
  sources: ReadonlyMap<string, Source>,
  converter: Converter,
): ProtocolDiagnostic | undefined {
  const at = converter.location(hint, sources);
  const { message } = hint;
  return at && { range: at.range, severity: DiagnosticSeverity.Information, source: "imgc", message };
}
