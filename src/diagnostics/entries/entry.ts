// What the catalogue says of one finding.

export interface Entry<P> {
  severity: "error" | "warning";
  message(parameters: P): string;
  explanation: string;
  /** A file with the finding, and one without it. */
  bad: string;
  good: string;
}

/** An error's entry. */
export function error<P>(message: (parameters: P) => string, explanation: string, bad: string, good: string): Entry<P> {
  return { severity: "error", message, explanation, bad, good };
}

/** A warning's entry. */
export function warning<P>(
  message: (parameters: P) => string,
  explanation: string,
  bad: string,
  good: string,
): Entry<P> {
  return { severity: "warning", message, explanation, bad, good };
}

/** Cut to what fits a message. */
export function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** The half sentence that offers a near name. */
export function didYouMean(suggestion: string | undefined, sigil = ""): string {
  return suggestion === undefined ? "" : `; did you mean \`${sigil}${suggestion}\`?`;
}

/** Joins words for a message: `a`, `b` or `c`. */
export function alternatives(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}
