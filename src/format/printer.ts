/** The layout: two spaces, one setting a line. A bracket is on one line if it fits and has no line break after `{` or `[`. */
import { builders } from "prettier/doc";
import type { AstPath, Doc, ParserOptions, Printer } from "prettier";
import type { Document, StringTerm } from "../language/index.ts";
import { attachComment, printComment, printDangling } from "./comments.ts";
import { moveLines } from "./indented.ts";
import { blankBefore, columns, isExpanded } from "./measure.ts";
import {
  belongsToItem,
  commentChildren,
  commentsOf,
  isBracket,
  isSetting,
  members,
  type Bracket,
  type Comment,
  type Node,
} from "./nodes.ts";

const { group, hardline, ifBreak, indent, join, line, literalline } = builders;

type Options = ParserOptions<Node>;
type Print = Parameters<Printer<Node>["print"]>[2];

/**
 * Spaces that align columns: after an entry's name, if the bracket around it is broken over lines, and before a
 * comment. They are set when that bracket is printed.
 */
const afterName = new WeakMap<Node, { group: symbol; spaces: number }>();
const beforeComment = new WeakMap<Comment, number>();

export const printer: Printer<Node> = {
  getVisitorKeys: (node: Node) => (isSetting(node) ? ["name", "values"] : "items" in node ? ["items"] : ["settings"]),
  getCommentChildNodes: commentChildren,
  canAttachComment: () => true,
  handleComments: { ownLine: attachComment, endOfLine: attachComment, remaining: attachComment },
  printComment(path, options) {
    const comment = path.node as unknown as Comment;
    return " ".repeat(beforeComment.get(comment) ?? 0) + printComment(comment, options.originalText);
  },
  print(path, options, print) {
    const { node } = path;
    if (isSetting(node)) return printSetting(path, print);
    if (isBracket(node)) return printBracket(path, node, options, print);
    if (!("kind" in node)) return printFile(path, node, options, print);
    if (node.kind === "expression") return [node.word, " ", printString(path, node.string, options)];
    if (node.kind === "string") return printString(path, node, options);
    return options.originalText.slice(node.span.start, node.span.end);
  },
};

function printSetting(path: AstPath<Node>, print: Print): Doc {
  const column = afterName.get(path.node);
  const padding = column === undefined ? "" : ifBreak(" ".repeat(column.spaces), "", { groupId: column.group });
  const values = path.map(print, "values" as never);
  return [path.call(print, "name" as never), ...(values.length > 0 ? [padding, " ", join(" ", values)] : [])];
}

function printFile(path: AstPath<Node>, node: Document, options: Options, print: Print): Doc {
  if (members(node).length === 0 && commentsOf(node).length === 0) return "";
  return [printMembers(path, node, options, print, Symbol("file")), hardline];
}

function printBracket(path: AstPath<Node>, node: Bracket, options: Options, print: Print): Doc {
  const [opening, closing] = node.kind === "list" ? ["[", "]"] : ["{", "}"];
  const empty = members(node).length === 0;
  if (empty && commentsOf(node).every((comment) => comment.leading || comment.trailing)) return `${opening} ${closing}`;
  const id = Symbol(node.kind);
  const inside = printMembers(path, node, options, print, id);
  return group([opening, indent([line, inside]), line, closing], {
    id,
    shouldBreak: empty || isExpanded(node, options.originalText),
  });
}

function printMembers(path: AstPath<Node>, node: Document | Bracket, options: Options, print: Print, id: symbol): Doc {
  const text = options.originalText;
  const all = members(node);
  if (all.length === 0) return printDangling(path, options);
  const isFile = !("kind" in node);
  const depth = isFile ? 0 : depthOf(path) + 1;
  const found = columns(node, text, depth * options.tabWidth, options.printWidth);
  for (const [member, spaces] of found.afterName) afterName.set(member, { group: id, spaces });
  // Prettier writes one space before a comment; this adds a second.
  for (const [comment, spaces] of found.beforeComment) beforeComment.set(comment, spaces + 1);
  return path.map(
    (child, index): Doc => {
      if (index > 0 && belongsToItem(all, index)) return [" ", print()];
      const blank = index > 0 && blankBefore(child.node as never, text) ? hardline : "";
      return [index > 0 ? [isFile ? hardline : line, blank] : "", print()];
    },
    ("kind" in node && node.kind === "list" ? "items" : "settings") as never,
  );
}

/** The number of brackets around a node. Each broken bracket indents by one step. */
function depthOf(path: AstPath<Node>): number {
  return path.ancestors.filter(isBracket).length;
}

function printString(path: AstPath<Node>, node: StringTerm, options: Options): Doc {
  const source = options.originalText.slice(node.span.start, node.span.end);
  const lines = options.useTabs ? undefined : moveLines(source, depthOf(path) * options.tabWidth);
  return join(literalline, lines ?? source.split("\n"));
}
