/** Classifies the words of a file by the schema, for syntax colours. */
import { lookUp, type Module, type Setting, type Span, type StringTerm, type Term } from "../language/index.ts";
import { fileSettings } from "../language/schema/file.ts";
import { isPackage } from "../language/check/package-uses.ts";
import { findSetting } from "../language/types/setting.ts";
import { insideOf, insideOfItem, type Inside, type Type } from "../language/types/type.ts";

/** Token types of the protocol. An answer has their indexes in this list. */
export const TOKEN_TYPES = [
  "keyword",
  "property",
  "variable",
  "parameter",
  "type",
  "enumMember",
  "string",
  "number",
  "operator",
  "comment",
] as const;
export const TOKEN_MODIFIERS = ["declaration"] as const;

export interface Token {
  span: Span;
  type: (typeof TOKEN_TYPES)[number];
  declares?: boolean;
}

/** The tokens of a file, or of a range of it, in the order of the text. A token never spans lines. */
export function semanticTokens(module: Module, within?: Span): Token[] {
  const { document, source } = module;
  const wanted = (span: Span): boolean => within === undefined || (span.end > within.start && span.start < within.end);
  const found: Token[] = document.comments.filter(wanted).map((span) => ({ span, type: "comment" }));
  for (const setting of document.settings)
    if (wanted(setting.span))
      found.push(...settingTokens(setting, { kind: "settings", settings: () => fileSettings }, module, true));
  return found
    .filter(({ span }) => wanted(span))
    .toSorted((left, right) => left.span.start - right.span.start)
    .flatMap((token) => lines(token, source.text));
}

function* settingTokens(setting: Setting, inside: Inside | undefined, module: Module, top = false): Generator<Token> {
  const { name, values } = setting;
  const known =
    inside?.kind === "settings" && name.kind === "word" ? findSetting(inside.settings(), name.text)?.[1] : undefined;
  const type = inside?.kind === "entries" ? inside.value : known?.type;
  // In `env [ "A=b" ]`, the name and the value have the span of the whole string.
  if (name.span.start === values[0]?.span.start) {
    yield* valueTokens(values[0], type, module);
    return;
  }
  if (name.kind === "string") yield* stringTokens(name, module);
  else if (type !== undefined) yield { span: name.span, type: top ? "keyword" : "property" };
  for (const [index, value] of values.entries()) {
    const binds = top && index === 0 && value.kind === "word" && name.kind === "word";
    if (binds && name.text === "let") yield { span: value.span, type: "variable", declares: true };
    else if (binds && name.text === "param") yield { span: value.span, type: "parameter", declares: true };
    else yield* valueTokens(value, type, module, insideOf(type, values));
  }
}

function* valueTokens(term: Term, type: Type<unknown> | undefined, module: Module, inside?: Inside): Generator<Token> {
  const { span } = term;
  if (term.kind === "block") for (const setting of term.settings) yield* settingTokens(setting, inside, module);
  else if (term.kind === "list")
    for (const [at, item] of term.items.entries())
      yield* valueTokens(item, type, module, insideOfItem(type, term.items, at));
  else if (term.kind === "string") yield* stringTokens(term, module);
  else if (term.kind === "expression") {
    yield { span: { start: span.start, end: span.start + term.word.length }, type: "keyword" };
    yield* stringTokens(term.string, module);
  } else if (term.kind === "reference") yield { span, type: bindingType(term.name, module) };
  else if (term.kind === "word") {
    if (type?.words?.includes(term.text) === true) yield { span, type: "enumMember" };
    else if (isPackage(term.text, type)) yield { span, type: "type" };
  } else if (term.kind === "literal") yield { span, type: "number" };
  else yield { span, type: term.kind === "path" ? "string" : "operator" };
}

function* stringTokens(term: StringTerm, module: Module): Generator<Token> {
  let { start } = term.span;
  for (const part of term.parts) {
    if (part.kind === "text") continue;
    if (start < part.span.start) yield { span: { start, end: part.span.start }, type: "string" };
    yield { span: part.span, type: part.kind === "package" ? "type" : bindingType(part.name, module) };
    start = part.span.end;
  }
  if (start < term.span.end) yield { span: { start, end: term.span.end }, type: "string" };
}

function bindingType(name: string, module: Module): "parameter" | "variable" {
  return lookUp(module, name)?.meaning?.kind === "param" ? "parameter" : "variable";
}

/** Splits a token at the ends of lines. */
function lines(token: Token, text: string): Token[] {
  const { start, end } = token.span;
  const content = text.slice(start, end);
  if (!/[\r\n]/.test(content)) return [token];
  return Array.from(content.matchAll(/[^\r\n]+/g), ({ index, 0: line }) => ({
    ...token,
    span: { start: start + index, end: start + index + line.length },
  }));
}
