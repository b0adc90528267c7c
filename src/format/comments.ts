/** Places comments. A comment inside a setting's values moves above the setting. */
import { builders } from "prettier/doc";
import type { AstPath, Doc, ParserOptions } from "prettier";
import { blankLineBefore } from "./measure.ts";
import { commentsOf, isBracket, type Comment, type Node } from "./nodes.ts";

const { hardline, join } = builders;

/** Attaches a comment to the setting or item around it; returns false to leave the comment to prettier's rules. */
export function attachComment(comment: Comment): boolean {
  const around = comment.enclosingNode;
  if (around === undefined || isBracket(around) || !("span" in around) || "settings" in around) return false;
  comment.leading = true;
  comment.trailing = false;
  const comments = ((around as { comments?: Comment[] }).comments ??= []);
  comments.push(comment);
  return true;
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
