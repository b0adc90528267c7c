/**
 * Renders the Markdown of completion and hover. Parts of it may come from a description in a link that somebody else made,
 * so HTML is shown as text, and links and images are not followed.
 */
import { Marked } from "marked";

const marked = new Marked({
  renderer: {
    html: ({ text }) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    link({ tokens }) {
      return this.parser.parseInline(tokens);
    },
    image: () => "",
  },
});

export function markdownHtml(markdown: string): string {
  return marked.parse(markdown, { async: false });
}
