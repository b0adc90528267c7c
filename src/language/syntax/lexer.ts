// Cuts a text into tokens: at each place, the first type of the mode whose pattern matches there. A string is a mode of its own.
import type { Span } from "../../diagnostics/source.ts";

export interface TokenType {
  readonly name: string;
  /** A fixed text, or a pattern without groups that capture. */
  readonly pattern: string | RegExp;
  /** The characters it can start with, which saves trying it elsewhere; below U+0080. */
  readonly starts: string;
  /** The mode of what follows, until a token that `pops`. */
  readonly push?: string;
  readonly pops?: boolean;
  /** Not handed on, or handed on beside the others. */
  readonly apart?: "space" | "comment";
}

export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly span: Span;
}

/** The types of a mode that can start with each character below U+0080, and with any other. */
type Candidates = (readonly { type: TokenType; sticky: RegExp }[])[];
const other = 128;

/** A text's tokens, one after the other. */
export interface Cut {
  next(): Token | undefined;
  /** Those met so far. */
  readonly comments: readonly Span[];
}

/** Makes what cuts a text; every text must be covered by the types of the modes. */
export function lexer(modes: Record<string, readonly TokenType[]>, first: string): (text: string) => Cut {
  const tables = new Map(Object.entries(modes).map(([mode, types]) => [mode, candidates(types)]));
  const tableOf = (mode: string | undefined): Candidates => tables.get(mode ?? first) ?? [];

  return (text) => {
    const comments: Span[] = [];
    const stack: string[] = [];
    let table = tableOf(first);
    let at = 0;

    /** The type of what starts here; the place moves on behind it. */
    function match(): TokenType {
      for (const { type, sticky } of table[Math.min(text.charCodeAt(at), other)] ?? []) {
        sticky.lastIndex = at;
        if (!sticky.test(text)) continue;
        at = sticky.lastIndex;
        return type;
      }
      throw new Error(`no token starts at ${at}`);
    }

    function next(): Token | undefined {
      while (at < text.length) {
        const start = at;
        const type = match();
        if (type.push !== undefined) stack.push(type.push);
        else if (type.pops === true) stack.pop();
        if (type.push !== undefined || type.pops === true) table = tableOf(stack.at(-1));
        if (type.apart === undefined) return { type, text: text.slice(start, at), span: { start, end: at } };
        if (type.apart === "comment") comments.push({ start, end: at });
      }
      return undefined;
    }

    return { next, comments };
  };
}

function candidates(types: readonly TokenType[]): Candidates {
  const all = types.map((type) => ({ type, sticky: new RegExp(sourceOf(type), "y") }));
  return Array.from({ length: other + 1 }, (_, code) =>
    all.filter(({ type }) => type.starts === "" || type.starts.includes(String.fromCharCode(code))),
  );
}

function sourceOf({ pattern }: TokenType): string {
  return typeof pattern === "string" ? pattern.replaceAll(/[[\]{}$\\]/g, String.raw`\$&`) : pattern.source;
}
