/** A diagnostic: a problem in the user's text, with a code of the catalogue, a message and a place. */
import { printable } from "../util/printable.ts";
import type { Span } from "./source.ts";
import { catalogue, type Code, type Parameters } from "./catalogue.ts";

export type Severity = "error" | "warning";

/** A span of a file. */
export interface Place {
  file: string;
  span: Span;
}

/** Another place that explains the diagnostic. */
export interface Related extends Place {
  message: string;
}

/** A change that resolves the diagnostic. */
export interface Fix {
  title: string;
  edits: (Place & { text: string })[];
}

export interface Diagnostic extends Place {
  code: Code;
  severity: Severity;
  message: string;
  /** The parameters of the message; `parametersOf` has their type. */
  parameters: unknown;
  related: Related[];
  fix?: Fix;
  /** Changes that each resolve the diagnostic, and of which the user must choose one. */
  choices?: Fix[];
  /** Whether the text can be removed; editors show it faded. */
  unnecessary?: boolean;
}

export interface DiagnosticDetails {
  related?: Related[];
  fix?: Fix | undefined;
  choices?: Fix[] | undefined;
  unnecessary?: boolean;
}

/** Makes a diagnostic. `parameters`: the parameters of the message of its code. */
export function diagnostic<C extends Code>(
  code: C,
  place: Place,
  parameters: Parameters<C>,
  details: DiagnosticDetails = {},
): Diagnostic {
  const entry = catalogue[code];
  const print: (parameters: never) => string = entry.message;
  const found: Diagnostic = {
    code,
    severity: entry.severity,
    message: printable(print(parameters as never)),
    parameters,
    file: place.file,
    span: place.span,
    related: (details.related ?? []).map((each) => ({ ...each, message: printable(each.message) })),
  };
  if (details.fix !== undefined) found.fix = details.fix;
  if (details.choices !== undefined) found.choices = details.choices;
  if (details.unnecessary === true) found.unnecessary = true;
  return found;
}

/** The parameters of a diagnostic's message; undefined if the diagnostic has another code. */
export function parametersOf<C extends Code>(found: Diagnostic, code: C): Parameters<C> | undefined {
  return found.code === code ? (found.parameters as Parameters<C>) : undefined;
}
