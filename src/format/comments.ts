/** Places comments. A comment inside a setting's values, or inside a list item of several terms, moves above. */
import { builders } from "prettier/doc";
import type { AstPath, Doc, ParserOptions } from "prettier";
import { blankLineBefore } from "./measure.ts";
import { belongsToItem, commentsOf, firstOfLine, isBracket, type Comment, type Node } from "./nodes.ts";

const { hardline, join } = builders;

/**
 * Attaches a comment to the setting or item around it, or to the word of the list item that it would split. Returns false to
 * leave the comment to prettier's rules.
 */
export function attachComment(comment: Comment): boolean {
  const target = splitNode(comment);
  if (target === undefined) return false;
  comment.leading = true;
  comment.trailing = false;
  const comments = ((target as { comments?: Comment[] }).comments ??= []);
  comments.push(comment);
  return true;
}

/** The node that stays on one line and has the comment inside. */
function splitNode({ enclosingNode: around, followingNode }: Comment): Node | undefined {
  if (around === undefined || !("span" in around) || "settings" in around) return undefined;
  if (!isBracket(around)) return around;
  const index = around.items.findIndex((item) => item === followingNode);
  return belongsToItem(around.items, index) ? firstOfLine(around.items, index) : undefined;
}

/** The comments in a file or bracket that has nothing else inside. */
export function printDangling(path: AstPath<Node>, options: ParserOptions<Node>): Doc {
  const text = options.originalText;
  const printed = commentsOf(path.node).map((comment, index): Doc => {
    comment.printed = true;
    const blank = index > 0 && blankLineBefore(text, comment.start);
    return [blank ? hardline : "", printComment(comment, text)];
  });
  return join(hardline, printed);
}

export function printComment({ start, end }: Comment, text: string): string {
  return text.slice(start, end).trimEnd();
}
