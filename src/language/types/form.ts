// How a value is written, as data. Every type has its form beside what reads it; the grammar, the reference and the editors'
// grammars are made from forms, and random sentences of them are checked in the tests.
import type { TokenType } from "chevrotain";
import { mistakes, modes, tokens } from "../syntax/tokens.ts";
import { escapes } from "../syntax/string.ts";
import type { Form } from "./type.ts";

export const exact = (text: string): Form => ({ kind: "exact", text });
export const pattern = (written: RegExp): Form => ({ kind: "pattern", pattern: written });
export const named = (name: string, form: Form): Form => ({ kind: "named", name, form });
export const inOrder = (...parts: Form[]): Form => ({ kind: "sequence", parts });
export const oneOf = (...options: Form[]): Form =>
  options.length === 1 ? (options[0] as Form) : { kind: "choice", options };
export const maybe = (part: Form): Form => ({ kind: "optional", part });
export const repeated = (part: Form): Form => ({ kind: "many", part });

/** A token as the lexer cuts it. */
export function cut({ PATTERN }: TokenType): Form {
  return PATTERN instanceof RegExp ? pattern(PATTERN) : exact(PATTERN as string);
}

/** A string: what its mode of the lexer allows between the quotes. */
function stringOf(name: string, opening: TokenType, mode: readonly TokenType[], interpolated: boolean): Form {
  const closing = mode.find((type) => type.POP_MODE === true && !mistakes.has(type)) as TokenType;
  const inside = mode.filter((type) => type.POP_MODE !== true && !mistakes.has(type));
  const parts = inside.filter((type) => interpolated || type !== tokens.interpolation).map(partOf);
  return named(name, inOrder(cut(opening), repeated(oneOf(...parts)), cut(closing)));
}

function partOf(type: TokenType): Form {
  if (type === tokens.interpolation) return named("interpolation", cut(type));
  if (type === tokens.escape) return named("escape", oneOf(...Object.keys(escapes).map((each) => exact(`\\${each}`))));
  return cut(type);
}

export const bindingForm = named("binding", cut(tokens.reference));
/** A name that a binding can be called by. */
export const newNameForm = named("new-name", pattern(new RegExp((tokens.reference.PATTERN as RegExp).source.slice(2))));
export const attributeForm = named("attribute-path", cut(tokens.word));
export const pathForm = named("path-token", cut(tokens.path));

/** Text that may name packages and bindings. */
export const textForm = named(
  "text",
  oneOf(
    stringOf("quoted-text", tokens.openQuote, modes.quoted, true),
    stringOf("indented-text", tokens.openIndented, modes.indented, true),
  ),
);

/** Text that only says what stands there. */
export const plainForm = named(
  "plain",
  oneOf(
    stringOf("quoted-plain", tokens.openQuote, modes.quoted, false),
    stringOf("indented-plain", tokens.openIndented, modes.indented, false),
  ),
);

/** `nix` or `path` with its string. */
export const expressionForm = (keyword: "nix" | "path"): Form => inOrder(exact(keyword), plainForm);
