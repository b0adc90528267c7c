/**
 * The forms of values: their syntax as data. The grammar, the reference and the editors' grammars are generated from forms.
 * Tests check random texts of all forms.
 */
import { mistakes, modes, tokens, type TokenType } from "../syntax/tokens.ts";
import { ESCAPES } from "../syntax/string.ts";
import type { Form } from "./type.ts";

export const exact = (text: string): Form => ({ kind: "exact", text });
export const pattern = (expression: RegExp): Form => ({ kind: "pattern", pattern: expression });
export const named = (name: string, form: Form): Form => ({ kind: "named", name, form });
export const inOrder = (...parts: Form[]): Form => ({ kind: "sequence", parts });
export const oneOf = (...options: Form[]): Form =>
  options.length === 1 ? (options[0] as Form) : { kind: "choice", options };
export const maybe = (part: Form): Form => ({ kind: "optional", part });
export const repeated = (part: Form): Form => ({ kind: "many", part });

/** The form of a single token. */
export function tokenForm(type: TokenType): Form {
  return type.pattern instanceof RegExp ? pattern(type.pattern) : exact(type.pattern);
}

/** The form of a string: the tokens that the lexer's mode allows between the quotes. */
function stringOf(name: string, opening: TokenType, mode: readonly TokenType[], interpolated: boolean): Form {
  const closing = mode.find((type) => type.mode === "main" && !mistakes.has(type)) as TokenType;
  const inside = mode.filter((type) => type.mode === undefined && !mistakes.has(type));
  const parts = inside.filter((type) => interpolated || type !== tokens.interpolation).map(partOf);
  return named(name, inOrder(tokenForm(opening), repeated(oneOf(...parts)), tokenForm(closing)));
}

function partOf(type: TokenType): Form {
  if (type === tokens.interpolation) return named("interpolation", tokenForm(type));
  if (type === tokens.escape) return named("escape", oneOf(...Object.keys(ESCAPES).map((each) => exact(`\\${each}`))));
  return tokenForm(type);
}

export const bindingForm = named("binding", tokenForm(tokens.reference));
/** The name of a new binding. */
export const newNameForm = named("new-name", pattern(new RegExp((tokens.reference.pattern as RegExp).source.slice(2))));
export const attributeForm = named("attribute-path", tokenForm(tokens.word));
export const pathForm = named("path-token", tokenForm(tokens.path));

/** A string that may interpolate packages and bindings. */
export const textForm = named(
  "text",
  oneOf(
    stringOf("quoted-text", tokens.openQuote, modes.quoted, true),
    stringOf("indented-text", tokens.openIndented, modes.indented, true),
  ),
);

/** A string without interpolations. */
export const plainForm = named(
  "plain",
  oneOf(
    stringOf("quoted-plain", tokens.openQuote, modes.quoted, false),
    stringOf("indented-plain", tokens.openIndented, modes.indented, false),
  ),
);

/** `nix` or `path` with its string. */
export const expressionForm = (keyword: "nix" | "path"): Form => inOrder(exact(keyword), plainForm);
