/** Walks the syntax tree for printing: nodes, children, and the nodes that comments attach to. */
import type { Document, Setting, Span, Term } from "../language/index.ts";

export type Bracket = Extract<Term, { kind: "list" | "block" }>;
export type Node = Document | Setting | Term;

/** A comment's span, with the fields that prettier adds. */
export interface Comment extends Span {
  leading?: boolean;
  trailing?: boolean;
  printed?: boolean;
  enclosingNode?: Node;
  followingNode?: Node;
}

export function isSetting(node: Node): node is Setting {
  return "values" in node;
}

export function isBracket(node: Node): node is Bracket {
  return "kind" in node && (node.kind === "list" || node.kind === "block");
}

/** The items of a list, or the settings of a block or file. If these do not fit on one line, each gets its own line. */
export function members(node: Document | Bracket): (Setting | Term)[] {
  return "kind" in node && node.kind === "list" ? node.items : node.settings;
}

/** Whether a list item is the number or block of the word before it, as in `[ gzip zstd 6 { chunked } ]`. */
export function belongsToItem(all: readonly Node[], index: number): boolean {
  const [before, item] = [all[index - 1], all[index]];
  if (before === undefined || item === undefined || !("kind" in before) || !("kind" in item)) return false;
  return item.kind === "block" || (item.kind === "literal" && before.kind === "word");
}

/** The first of the items that are printed on one line with the item at `index`. */
export function firstOfLine<M extends Node>(all: readonly M[], index: number): M | undefined {
  let first = index;
  while (belongsToItem(all, first)) first -= 1;
  return all[first];
}

/** The children between which a comment can stay in place. */
export function commentChildren(node: Node): Node[] {
  if (isSetting(node)) return node.values.filter(isBracket);
  if (isBracket(node) || !("kind" in node)) return members(node);
  return [];
}

/** The comments that prettier has attached to a node. */
export function commentsOf(node: Node): Comment[] {
  return (node as { comments?: Comment[] }).comments ?? [];
}

/** The spans of all tokens, brackets included. */
export function* leaves(node: Node): Generator<Span> {
  if (isSetting(node)) {
    yield* leaves(node.name);
    for (const value of node.values) yield* leaves(value);
  } else if (isBracket(node)) {
    yield { start: node.span.start, end: node.span.start + 1 };
    for (const member of members(node)) yield* leaves(member);
    yield { start: node.span.end - 1, end: node.span.end };
  } else if (!("kind" in node)) {
    for (const member of members(node)) yield* leaves(member);
  } else if (node.kind === "expression") {
    yield { start: node.span.start, end: node.span.start + node.word.length };
    yield node.string.span;
  } else yield node.span;
}
