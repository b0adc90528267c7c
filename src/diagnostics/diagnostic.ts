// What a finding is. Every one carries a code of the catalogue; text and place are separate so that any front end can show it.
import { printable } from "../util/printable.ts";
import type { Span } from "./source.ts";
import { catalogue, type Code, type Parameters } from "./catalogue.ts";

export type Severity = "error" | "warning";

/** A stretch of a file. */
export interface Place {
  file: string;
  span: Span;
}

/** Another place that explains the finding. */
export interface Related extends Place {
  message: string;
}

/** A change that would resolve the finding. */
export interface Fix {
  title: string;
  edits: (Place & { text: string })[];
}

/** One finding in the user's text. */
export interface Diagnostic extends Place {
  code: Code;
  severity: Severity;
  message: string;
  /** What the message was told; see `parametersOf`. */
  parameters: unknown;
  related: Related[];
  fix?: Fix;
  unnecessary?: boolean;
}

/** What a finding may have besides its code and place. */
export interface Extra {
  related?: Related[];
  fix?: Fix | undefined;
  unnecessary?: boolean;
}

/** Makes a finding; the parameters are those the code's message takes. */
export function diagnostic<C extends Code>(
  code: C,
  place: Place,
  parameters: Parameters<C>,
  extra: Extra = {},
): Diagnostic {
  const entry = catalogue[code];
  const say: (parameters: never) => string = entry.message;
  const found: Diagnostic = {
    code,
    severity: entry.severity,
    message: printable(say(parameters as never)),
    parameters,
    file: place.file,
    span: place.span,
    related: (extra.related ?? []).map((each) => ({ ...each, message: printable(each.message) })),
  };
  if (extra.fix !== undefined) found.fix = extra.fix;
  if (extra.unnecessary === true) found.unnecessary = true;
  return found;
}

/** What the message of a finding was told, where the finding is of this code. */
export function parametersOf<C extends Code>(found: Diagnostic, code: C): Parameters<C> | undefined {
  return found.code === code ? (found.parameters as Parameters<C>) : undefined;
}
