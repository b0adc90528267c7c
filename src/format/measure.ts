// How wide things are when they stand on one line, and so what is put in columns.
import type { Document, Setting, Span, Term } from "../language/index.ts";
import { commentsOf, isBracket, isSetting, members, type Bracket, type Comment, type Node } from "./nodes.ts";

/** The space that a member of a bracket needs after its name and before its comment. */
export interface Columns {
  afterName: Map<Node, number>;
  beforeComment: Map<Comment, number>;
}

/** Columns of names and of comments: neighbours on lines of their own share one. */
export function columns(node: Document | Bracket, text: string, indent: number, printWidth: number): Columns {
  const width = (member: Node): number => indent + flatWidth(member, text);
  const all = members(node);
  const afterName = new Map<Node, number>();
  for (const run of runs(all, text, (member) => isEntry(member) && width(member) <= printWidth)) {
    const entries = run.filter(isSetting);
    const widest = Math.max(...entries.map(({ name }) => flatWidth(name, text)));
    const padding = entries.map((entry): [Node, number] => [entry, widest - flatWidth(entry.name, text)]);
    // A line that would no longer fit would be broken, and then no longer be part of the column.
    if (padding.every(([entry, more]) => width(entry) + more <= printWidth))
      for (const [entry, more] of padding) afterName.set(entry, more);
  }
  const beforeComment = new Map<Comment, number>();
  for (const member of all) {
    const comment = commentBeside(member, text);
    if (comment !== undefined) beforeComment.set(comment, 0);
  }
  const hasComment = (member: Setting | Term): boolean => commentBeside(member, text) !== undefined;
  for (const run of runs(all, text, (member) => hasComment(member) && width(member) <= printWidth)) {
    const ends = run.map((member) => width(member) + (afterName.get(member) ?? 0));
    const widest = Math.max(...ends);
    for (const [index, member] of run.entries()) {
      const comment = commentBeside(member, text);
      if (comment !== undefined) beforeComment.set(comment, widest - (ends[index] ?? widest));
    }
  }
  return { afterName, beforeComment };
}

/** Whether a blank line stands before a member and the comments above it. */
export function blankBefore(member: Setting | Term, text: string): boolean {
  const [first] = commentsOf(member);
  const start = first?.leading === true ? Math.min(first.start, member.span.start) : member.span.start;
  return blankLineBefore(text, start);
}

/** Whether the white space before an offset holds a blank line. */
export function blankLineBefore(text: string, offset: number): boolean {
  let ends = 0;
  for (let at = offset - 1; at >= 0 && /\s/.test(text[at] ?? ""); at -= 1) if (text[at] === "\n") ends += 1;
  return ends > 1;
}

/** Neighbours, without a blank line or a comment between, that have a property. */
function runs<M extends Setting | Term>(all: readonly M[], text: string, has: (member: M) => boolean): M[][] {
  const found: M[][] = [];
  let current: M[] = [];
  for (const member of all) {
    const joins = has(member);
    const apart = commentsOf(member).some((comment) => comment.leading) || blankBefore(member, text);
    if (current.length > 0 && (!joins || apart)) current = [];
    if (!joins) continue;
    if (current.length === 0) found.push(current);
    current.push(member);
  }
  return found;
}

/** An entry whose name is a string: a path, a glob, a label. */
function isEntry(member: Node): boolean {
  return isSetting(member) && member.name.kind === "string" && member.values.length > 0;
}

/** The comment at the end of a member's last line. */
function commentBeside(member: Setting | Term, text: string): Comment | undefined {
  const comment = commentsOf(member).find((each) => each.trailing);
  return comment && !text.slice(member.span.end, comment.start).includes("\n") ? comment : undefined;
}

/** The width on one line; infinite for what cannot stand on one. */
function flatWidth(node: Node, text: string): number {
  if (isSetting(node)) return sum([node.name, ...node.values].map((term) => inner(term, text)));
  if (isBracket(node)) {
    if (isExpanded(node, text) || members(node).some((member, at) => at > 0 && blankBefore(member, text)))
      return Infinity;
    return sum([1, ...members(node).map((member) => inner(member, text)), 1]);
  }
  if (!("kind" in node)) return Infinity;
  if (node.kind === "expression") return node.word.length + 1 + spanWidth(node.string.span, text);
  return spanWidth(node.span, text);
}

function inner(node: Node, text: string): number {
  return commentsOf(node).length > 0 ? Infinity : flatWidth(node, text);
}

function sum(widths: number[]): number {
  return widths.reduce((total, width) => total + width, widths.length - 1);
}

function spanWidth({ start, end }: Span, text: string): number {
  const written = text.slice(start, end);
  return written.includes("\n") ? Infinity : textWidth(written);
}

/** Columns that text takes on a screen: never fewer than prettier counts, so that what fits here fits there. */
function textWidth(text: string): number {
  let width = text.length;
  for (const character of text.match(/[^\0-\x7f]/gu) ?? []) width += cells(character) - character.length;
  return width;
}

function cells(character: string): number {
  return character >= "\u1100" || character === "©" || character === "®" ? 2 : 1;
}

/** Whether a bracket was written with its first member on a line of its own, which is kept. */
export function isExpanded(node: Bracket, text: string): boolean {
  const [first] = members(node);
  return first !== undefined && text.slice(node.span.start + 1, first.span.start).includes("\n");
}
