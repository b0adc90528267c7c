/** Finds the forms that may come next, by matching the terms before the cursor against the form of a value. */
import type { Term } from "../language/index.ts";
import { plainForm, textForm } from "../language/types/form.ts";
import type { Form } from "../language/types/type.ts";

/** A token of a value. A bracket is a separate token. */
export interface Token {
  kind: "text" | "string" | "block";
  text: string;
}

/** A form that matches one token, and the names of the forms around it, outermost first. */
export interface Expected {
  form: Form;
  names: string[];
}

/** Whether a form is a whole string, which is a single token. */
export function isString(form: Form): boolean {
  return form === textForm || form === plainForm;
}

/** The forms that may follow the tokens, and whether the tokens are a complete value. */
export function expected(form: Form, tokens: readonly Token[]): { next: Expected[]; complete: boolean } {
  const next: Expected[] = [];

  /** The token indexes at which a form that starts at token `at` can end. */
  function ends(of: Form, at: number, names: string[]): number[] {
    if (isString(of)) return leaf({ form: of, names }, at, (token) => token.kind === "string");
    switch (of.kind) {
      case "exact":
        return leaf({ form: of, names }, at, (token) => token.kind === "text" && token.text === of.text);
      case "pattern":
        return leaf({ form: of, names }, at, (token) => token.kind === "text" && whole(of.pattern).test(token.text));
      case "block":
        return leaf({ form: of, names }, at, (token) => token.kind === "block");
      case "named":
        return ends(of.form, at, [...names, of.name]);
      case "choice":
        return unique(of.options.flatMap((option) => ends(option, at, names)));
      case "optional":
        return unique([at, ...ends(of.part, at, names)]);
      case "sequence":
        return of.parts.reduce((starts, part) => unique(starts.flatMap((start) => ends(part, start, names))), [at]);
      case "many": {
        const reached = new Set([at]);
        for (const start of reached) for (const end of ends(of.part, start, names)) reached.add(end);
        return [...reached];
      }
    }
  }

  function leaf(found: Expected, at: number, matches: (token: Token) => boolean): number[] {
    const token = tokens[at];
    if (token === undefined) next.push(found);
    return token !== undefined && matches(token) ? [at + 1] : [];
  }

  const complete = ends(form, 0, []).includes(tokens.length);
  return { next, complete };
}

/** The tokens before an offset. Of a list that contains the offset, its opening bracket and the items before the offset. */
export function tokensBefore(terms: readonly Term[], offset: number, text: string): Token[] {
  const found: Token[] = [];
  for (const term of terms) {
    const { start, end } = term.span;
    if (start >= offset) break;
    if (term.kind === "list") {
      found.push({ kind: "text", text: "[" }, ...tokensBefore(term.items, offset, text));
      if (end <= offset && text[end - 1] === "]") found.push({ kind: "text", text: "]" });
    } else if (end > offset) {
      if (term.kind === "expression") found.push({ kind: "text", text: term.word });
      break;
    } else if (term.kind === "expression") found.push({ kind: "text", text: term.word }, { kind: "string", text: "" });
    else if (term.kind === "string" || term.kind === "block") found.push({ kind: term.kind, text: "" });
    else found.push({ kind: "text", text: text.slice(start, end) });
  }
  return found;
}

function unique(ends: number[]): number[] {
  return [...new Set(ends)];
}

const patterns = new WeakMap<RegExp, RegExp>();

/** The pattern, anchored so that it matches only a whole text. */
function whole(pattern: RegExp): RegExp {
  const known = patterns.get(pattern) ?? new RegExp(`^(?:${pattern.source})$`, pattern.flags);
  patterns.set(pattern, known);
  return known;
}
