/** The grammar of terms. Its input is balanced, so every text can be parsed. The schema gives the terms their meaning. */
import { EmbeddedActionsParser, type IToken } from "chevrotain";
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { spanOf } from "./balance.ts";
import { stringTerm } from "./string.ts";
import { modes, tokens } from "./tokens.ts";
import { joined, type RawTerm } from "./terms.ts";
import type { Source, Span, Term } from "./tree.ts";

class Grammar extends EmbeddedActionsParser {
  source: Source = { path: "", text: "" };
  diagnostics: Diagnostic[] = [];

  constructor() {
    super([...new Set(Object.values(modes).flat()), tokens.plain, tokens.stringPart], {
      skipValidations: true,
      maxLookahead: 1,
    });
    this.performSelfAnalysis();
  }

  file = this.RULE("file", (): RawTerm[] => {
    const terms: RawTerm[] = [];
    this.MANY(() => terms.push(this.SUBRULE(this.term)));
    return terms;
  });

  /** Created once: new closures for each term would be most of a parse's garbage. */
  private readonly kinds = [
    { ALT: (): RawTerm => this.plain(this.CONSUME(tokens.plain)) },
    { ALT: (): RawTerm => this.SUBRULE(this.quoted) },
    { ALT: (): RawTerm => this.SUBRULE(this.indented) },
    { ALT: (): RawTerm => this.SUBRULE(this.list) },
    { ALT: (): RawTerm => this.SUBRULE(this.block) },
  ];

  term = this.RULE("term", (): RawTerm => this.OR(this.kinds));

  quoted = this.RULE("quoted", (): RawTerm => {
    const opening = this.CONSUME(tokens.openQuote);
    const parts: IToken[] = [];
    this.MANY(() => parts.push(this.CONSUME(tokens.stringPart)));
    return this.string(opening, parts, this.CONSUME(tokens.closeQuote));
  });

  indented = this.RULE("indented", (): RawTerm => {
    const opening = this.CONSUME(tokens.openIndented);
    const parts: IToken[] = [];
    this.MANY(() => parts.push(this.CONSUME(tokens.stringPart)));
    return this.string(opening, parts, this.CONSUME(tokens.closeIndented));
  });

  list = this.RULE("list", (): RawTerm => {
    const opening = this.CONSUME(tokens.openList);
    const terms: RawTerm[] = [];
    this.MANY(() => terms.push(this.SUBRULE(this.term)));
    const span = this.between(opening, this.CONSUME(tokens.closeList));
    return { kind: "list", items: this.ACTION(() => this.items(terms)), terms, span };
  });

  block = this.RULE("block", (): RawTerm => {
    const opening = this.CONSUME(tokens.openBlock);
    const terms: RawTerm[] = [];
    this.MANY(() => terms.push(this.SUBRULE(this.term)));
    return { kind: "braces", terms, span: this.between(opening, this.CONSUME(tokens.closeBlock)) };
  });

  private between(opening: IToken, closing: IToken): Span {
    return { start: opening.startOffset, end: closing.startOffset + closing.image.length };
  }

  private string(opening: IToken, parts: IToken[], closing: IToken): RawTerm {
    return this.ACTION(() => stringTerm(this.source, this.between(opening, closing), opening, parts, this.diagnostics));
  }

  private plain(token: IToken): RawTerm {
    const text = token.image;
    const span = spanOf(token);
    switch (token.tokenType) {
      case tokens.word:
        return { kind: "word", text, span };
      case tokens.path:
      case tokens.homePath:
        return { kind: "path", text, span };
      case tokens.operator:
        return { kind: "operator", text, span };
      case tokens.reference:
        return { kind: "reference", name: text.slice(1), span };
      default:
        return { kind: "literal", text, span };
    }
  }

  private items(terms: RawTerm[]): Term[] {
    return joined(terms).filter((term): term is Exclude<RawTerm, { kind: "braces" }> => {
      if (term.kind !== "braces") return true;
      this.diagnostics.push(diagnostic("block-in-list", { file: this.source.path, span: term.span }, {}));
      return false;
    });
  }
}

let parser: Grammar | undefined;

/** The shared parser. Created at first use: commands that read no spec start faster. */
export function grammar(): Grammar {
  return (parser ??= new Grammar());
}
