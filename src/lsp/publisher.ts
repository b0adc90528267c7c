// Sends findings to the editor, a moment after the last change: the longer a check takes, the longer the moment.
import {
  DiagnosticSeverity,
  DiagnosticTag,
  type Connection,
  type Diagnostic as Shown,
} from "vscode-languageserver/node";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { documentationOf } from "../diagnostics/documentation.ts";
import type { CheckResult, Source } from "../language/index.ts";
import type { Converter } from "./convert.ts";
import { byFile } from "./diagnostics.ts";

/** Milliseconds. */
const longest = 1000;

export class Publisher {
  readonly #connection: Connection;
  readonly #converter: Converter;
  /** The open files, checked. */
  readonly #open: () => Map<string, CheckResult>;
  #timer: NodeJS.Timeout | undefined;
  #took = 0;
  /** What was sent for each file, so that nothing is sent twice. */
  readonly #sent = new Map<string, string>();

  constructor(connection: Connection, converter: Converter, open: () => Map<string, CheckResult>) {
    this.#connection = connection;
    this.#converter = converter;
    this.#open = open;
  }

  schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#publish(), Math.min(longest, this.#took));
  }

  #publish(): void {
    const started = performance.now();
    const open = this.#open();
    const found = byFile(open);
    const sources = new Map([...open.values()].flatMap((each) => [...each.sources]));
    for (const file of this.#sent.keys()) if (!found.has(file)) found.set(file, []);
    for (const [file, diagnostics] of found) {
      const uri = this.#converter.uri(file);
      const shown = diagnostics.flatMap((each) => shownAs(each, sources, this.#converter) ?? []);
      const content = JSON.stringify(shown);
      if ((this.#sent.get(file) ?? "[]") === content && this.#sent.has(file)) continue;
      if (shown.length === 0 && !open.has(file)) this.#sent.delete(file);
      else this.#sent.set(file, content);
      void this.#connection.sendDiagnostics({ uri, diagnostics: shown });
    }
    this.#took = performance.now() - started;
  }
}

/** A finding in the protocol's words. */
export function shownAs(
  found: Diagnostic,
  sources: ReadonlyMap<string, Source>,
  converter: Converter,
): Shown | undefined {
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
