/** An entry of the catalogue of diagnostics, and helpers for messages. */

export interface Entry<P> {
  severity: "error" | "warning";
  message(parameters: P): string;
  explanation: string;
  /** A file with the diagnostic. */
  bad: string;
  /** A similar file without the diagnostic. */
  good: string;
}

export function error<P>(message: (parameters: P) => string, explanation: string, bad: string, good: string): Entry<P> {
  return { severity: "error", message, explanation, bad, good };
}

export function warning<P>(
  message: (parameters: P) => string,
  explanation: string,
  bad: string,
  good: string,
): Entry<P> {
  return { severity: "warning", message, explanation, bad, good };
}

/** Shortens a text of the user for a message. */
export function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** A text as code, unless it has marks of code already. */
export function quoted(text: string): string {
  return text.includes("`") ? text : `\`${text}\``;
}

/** The end of a message that suggests a similar name; "" without a suggestion. */
export function didYouMean(suggestion: string | undefined, sigil = ""): string {
  return suggestion === undefined ? "" : `; did you mean \`${sigil}${suggestion}\`?`;
}

/** Joins words for a message: `a`, `b` or `c`. */
export function alternatives(words: readonly string[]): string {
  const all = words.map((word) => `\`${word}\``);
  const last = all.pop() ?? "";
  return all.length === 0 ? last : `${all.join(", ")} or ${last}`;
}
