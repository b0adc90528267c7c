/** Measures the widths of nodes on one line, and aligns names and comments in columns. */
import type { Document, Setting, Span, Term } from "../language/index.ts";
import {
  belongsToItem,
  commentsOf,
  isBracket,
  isSetting,
  members,
  type Bracket,
  type Comment,
  type Node,
} from "./nodes.ts";

/** The padding after a member's name and before its comment, in columns. */
export interface Columns {
  afterName: Map<Node, number>;
  beforeComment: Map<Comment, number>;
}

/** The padding that aligns the names and the comments of neighbouring lines. */
export function columns(node: Document | Bracket, text: string, indent: number, printWidth: number): Columns {
  const width = (member: Node): number => indent + flatWidth(member, text);
  const all = members(node);
  const lines = linesOf(all);
  const afterName = new Map<Node, number>();
  for (const run of runs(lines, text, ([member]) => isEntry(member) && width(member) <= printWidth)) {
    const entries = run.flat().filter(isSetting);
    const widest = Math.max(...entries.map(({ name }) => flatWidth(name, text)));
    const padding = entries.map((entry): [Node, number] => [entry, widest - flatWidth(entry.name, text)]);
    // If the padding made a line too long, prettier would break the line, and the column would not be aligned.
    if (padding.every(([entry, more]) => width(entry) + more <= printWidth))
      for (const [entry, more] of padding) afterName.set(entry, more);
  }
  const beforeComment = new Map<Comment, number>();
  for (const member of all) {
    const comment = commentBeside(member, text);
    if (comment !== undefined) beforeComment.set(comment, 0);
  }
  const end = (line: Line): number =>
    indent + sum(line.map((member) => flatWidth(member, text) + (afterName.get(member) ?? 0)));
  const hasComment = (line: Line): boolean => commentBeside(last(line), text) !== undefined;
  for (const run of runs(lines, text, (line) => hasComment(line) && end(line) <= printWidth)) {
    const ends = run.map(end);
    const widest = Math.max(...ends);
    for (const [index, line] of run.entries()) {
      const comment = commentBeside(last(line), text);
      if (comment !== undefined) beforeComment.set(comment, widest - (ends[index] ?? widest));
    }
  }
  return { afterName, beforeComment };
}

/** Whether a blank line precedes a member and the comments above it. */
export function blankBefore(member: Setting | Term, text: string): boolean {
  const [first] = commentsOf(member);
  const start = first?.leading === true ? Math.min(first.start, member.span.start) : member.span.start;
  return blankLineBefore(text, start);
}

/** Whether the white space before an offset contains a blank line. */
export function blankLineBefore(text: string, offset: number): boolean {
  let ends = 0;
  for (let at = offset - 1; at >= 0 && /\s/.test(text[at] ?? ""); at -= 1) if (text[at] === "\n") ends += 1;
  return ends > 1;
}

/** The members on one line: a setting, or a list item of one or more terms. */
type Line = [Setting | Term, ...(Setting | Term)[]];

function linesOf(all: readonly (Setting | Term)[]): Line[] {
  const lines: Line[] = [];
  for (const [index, member] of all.entries()) {
    if (belongsToItem(all, index)) lines.at(-1)?.push(member);
    else lines.push([member]);
  }
  return lines;
}

function last(line: Line): Setting | Term {
  return line.at(-1) ?? line[0];
}

/** Groups neighbouring lines that satisfy a condition. A blank line or a comment between lines ends a group. */
function runs(all: readonly Line[], text: string, belongs: (line: Line) => boolean): Line[][] {
  const found: Line[][] = [];
  let current: Line[] = [];
  for (const line of all) {
    const joins = belongs(line);
    const apart = commentsOf(line[0]).some((comment) => comment.leading) || blankBefore(line[0], text);
    if (current.length > 0 && (!joins || apart)) current = [];
    if (!joins) continue;
    if (current.length === 0) found.push(current);
    current.push(line);
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

/** The width on one line; infinite if the node needs several lines. */
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
  const source = text.slice(start, end);
  return source.includes("\n") ? Infinity : textWidth(source);
}

/** The columns of a text on a screen. Never fewer than prettier counts, so that prettier does not break an aligned line. */
function textWidth(text: string): number {
  let width = text.length;
  for (const character of text.match(/[^\0-\x7f]/gu) ?? []) width += cells(character) - character.length;
  return width;
}

function cells(character: string): number {
  return character >= "\u1100" || character === "©" || character === "®" ? 2 : 1;
}

/** Whether the source has a line break after the opening bracket; the bracket then stays on several lines. */
export function isExpanded(node: Bracket, text: string): boolean {
  const [first] = members(node);
  return first !== undefined && text.slice(node.span.start + 1, first.span.start).includes("\n");
}
