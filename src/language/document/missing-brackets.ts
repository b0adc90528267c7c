/** Accepts values without their brackets, as in `layers max 80` and `packages bash jq`. */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { settingsByName } from "../types/setting.ts";
import { insideOf, type Type } from "../types/type.ts";
import { joined, type RawTerm } from "../syntax/terms.ts";
import { between, type Source, type Span, type Term } from "../syntax/tree.ts";

interface Values {
  terms: readonly RawTerm[];
  /** Indexes in `terms`: the start of the setting's values, and the end of the values that its type accepts. */
  start: number;
  end: number;
  type: Type<unknown> | undefined;
  /** Whether a term begins the next setting. */
  isName: (at: number) => boolean;
}

interface Wrapped {
  /** The terms to replace by one term in brackets. */
  start: number;
  end: number;
  term: RawTerm;
}

/** Puts values into missing brackets, and reports the missing brackets; undefined if none are missing. */
export function wrap(values: Values, source: Source, diagnostics: Diagnostic[]): Wrapped | undefined {
  const { terms, start, type } = values;
  const isBlock = terms.slice(start, values.end).some(({ kind }) => kind === "braces");
  const settingsEnd = isBlock ? values.end : endOfSettings(values);
  if (settingsEnd > values.end) {
    const span = spanOf(terms, values.end, settingsEnd);
    report("missing-braces", "{", "}", span, source, diagnostics);
    return {
      start: values.end,
      end: settingsEnd,
      term: { kind: "braces", terms: terms.slice(values.end, settingsEnd), span },
    };
  }
  if (type?.isList !== true) return undefined;
  const itemsEnd = endOfItems(values);
  const [first] = terms.slice(start, itemsEnd);
  if (first === undefined || first.kind === "list" || first.kind === "reference") return undefined;
  const span = spanOf(terms, start, itemsEnd);
  report("missing-list-brackets", "[", "]", span, source, diagnostics);
  const items = joined(terms, start, itemsEnd) as Term[];
  return { start, end: itemsEnd, term: { kind: "list", items, span } };
}

/** The end of the settings that belong in the missing block. */
function endOfSettings({ terms, start, end, type, isName }: Values): number {
  const inside = insideOf(type, terms.slice(start, end));
  if (inside?.kind !== "settings") return end;
  const table = settingsByName(inside.settings());
  let at = end;
  for (let term = terms[at]; term?.kind === "word" && !isName(at); term = terms[at]) {
    const inner = table.get(term.text)?.[1].type;
    if (inner === undefined) break;
    at += 1 + inner.take(terms, at + 1);
    if (inner.isList === true) at = endOfItems({ terms, start: at, end: at, type: inner, isName });
  }
  return at;
}

/** The end of the values that can be list items. */
function endOfItems({ terms, start, isName }: Values): number {
  let at = start;
  for (let term = terms[at]; term !== undefined && !isName(at); term = terms[at]) {
    if (term.kind === "braces" || term.kind === "operator" || term.kind === "list") break;
    // A word that a list, block or string follows is more likely an unknown setting than an item.
    const next = terms[at + 1]?.kind;
    if (term.kind === "word" && (next === "list" || next === "braces" || next === "string")) break;
    at += 1;
  }
  return at;
}

function spanOf(terms: readonly RawTerm[], start: number, end: number): Span {
  const [first, last] = [terms[start], terms[end - 1]] as [RawTerm, RawTerm];
  return between(first.span, last.span);
}

function report(
  code: "missing-braces" | "missing-list-brackets",
  opening: string,
  closing: string,
  span: Span,
  { path, text }: Source,
  diagnostics: Diagnostic[],
): void {
  const at = (offset: number) => ({ file: path, span: { start: offset, end: offset } });
  const input = text.slice(span.start, span.end);
  const title = `put it between \`${opening}\` and \`${closing}\``;
  const edits = [
    { ...at(span.start), text: `${opening} ` },
    { ...at(span.end), text: ` ${closing}` },
  ];
  diagnostics.push(diagnostic(code, { file: path, span }, { input }, { fix: { title, edits } }));
}
