// How the syntax tree is walked for printing: its nodes, their children, and where comments may hang.
import type { Document, Setting, Span, Term } from "../language/index.ts";

export type Bracket = Extract<Term, { kind: "list" | "block" }>;
export type Node = Document | Setting | Term;

/** What prettier adds to a node that comments belong to. */
export interface Comment extends Span {
  leading?: boolean;
  trailing?: boolean;
  printed?: boolean;
  enclosingNode?: Node;
}

export function isSetting(node: Node): node is Setting {
  return "values" in node;
}

export function isBracket(node: Node): node is Bracket {
  return "kind" in node && (node.kind === "list" || node.kind === "block");
}

/** What stands in a bracket or a file, a line each when it is broken. */
export function members(node: Document | Bracket): (Setting | Term)[] {
  return "kind" in node && node.kind === "list" ? node.items : node.settings;
}

/** The nodes between which a comment can stand and be kept where it is. */
export function commentChildren(node: Node): Node[] {
  if (isSetting(node)) return node.values.filter(isBracket);
  if (isBracket(node) || !("kind" in node)) return members(node);
  return [];
}

/** The comments that prettier has hung on a node. */
export function commentsOf(node: Node): Comment[] {
  return (node as { comments?: Comment[] }).comments ?? [];
}

/** The spans of everything that is text of its own, brackets included. */
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
