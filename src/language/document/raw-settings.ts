/** The terms of a block before they are divided into settings, and which of them are names. */
import { settingsByName } from "../types/setting.ts";
import type { Inside } from "../types/type.ts";
import { FILE_SETTINGS } from "../schema/file.ts";
import { joinOperands } from "./concatenation.ts";
import { diagnosticAfter, type Context } from "./context.ts";
import { withoutColon, withoutIn, withUnits } from "./foreign-terms.ts";
import type { Names } from "./missing-brackets.ts";
import type { RawTerm } from "../syntax/terms.ts";
import { plainText } from "../syntax/tree.ts";

/** The terms of a block, and which of them are names. */
export class RawSettings implements Names {
  readonly terms: readonly RawTerm[];
  /** The known settings by name; undefined in a block of entries, and in an unknown block. */
  readonly types: ReturnType<typeof settingsByName> | undefined;
  readonly entries: Extract<Inside, { kind: "entries" }> | undefined;
  private readonly context: Context;

  constructor(terms: readonly RawTerm[], inside: Inside | undefined, context: Context) {
    this.types = inside?.kind === "settings" ? settingsByName(inside.settings()) : undefined;
    this.entries = inside?.kind === "entries" ? inside : undefined;
    this.context = context;
    const operands = context.hasConcatenation ? joinOperands(terms, context) : terms;
    const apart = withUnits(
      this.types === FILE_SETTINGS ? withoutIn(operands, context) : operands,
      this.types,
      context,
    );
    this.terms = terms.some(hasColon) ? apart.flatMap((term) => withoutColon(term, this.types, context)) : apart;
  }

  /** Whether a term can be the name of a setting or entry. */
  isKey(term: RawTerm): boolean {
    if (this.entries !== undefined) return this.entries.isKey(term);
    return term.kind === "word" || (this.types === undefined && isText(term));
  }

  /** Whether a term is the name of the next setting or entry, not a value. */
  isName(at: number): boolean {
    const word = this.terms[at];
    const next = this.terms[at + 1];
    if (this.entries === undefined)
      return (word?.kind === "word" && (this.types?.has(word.text) ?? false)) || this.isQuotedName(at);
    return word !== undefined && this.entries.isKey(word) && next !== undefined && this.entries.value.starts(next);
  }

  /** Whether a term is the name of a setting in quotes, with `:` or `=` after it. */
  isQuotedName(at: number): boolean {
    const term = this.terms[at];
    if (this.types === undefined || term?.kind !== "string") return false;
    const sign = this.terms[at + 1];
    const isAssigned = sign?.kind === "operator" && sign.text === "=";
    const after = isAssigned ? undefined : diagnosticAfter(term.span.end, this.context);
    if (!isAssigned && after?.code !== "unneeded-sign") return false;
    const text = plainText(term);
    if (text === undefined || !/^[A-Za-z][\w-]*$/.test(text)) return false;
    return after === undefined || this.types.has(text) || this.context.source.text[after.span.start] === ":";
  }
}

function hasColon(term: RawTerm): boolean {
  return term.kind === "literal" && term.text.includes(":");
}

function isText(term: RawTerm): boolean {
  return term.kind === "string" || term.kind === "literal";
}
