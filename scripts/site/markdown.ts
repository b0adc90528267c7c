/** Renders Markdown as GitHub shows it: headings with anchors, and links that lead to pages of the site. */
import { Marked } from "marked";
import { escapeHtml, highlight } from "./highlight.ts";

export interface Rendered {
  /** The text of the first heading. */
  title: string;
  html: string;
}

/** `link`: the address of a relative link or image on the site. */
export function renderMarkdown(markdown: string, link: (href: string) => string): Rendered {
  let title = "";
  const slugs = new Map<string, number>();
  const resolve = (href: string) => (/^(?:[a-z]+:|#)/.test(href) ? href : link(href));
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens, this.parser.textRenderer);
        title ||= plainText(text);
        const slug = unique(slugOf(plainText(text)), slugs);
        return `<h${depth} id="${slug}"><a class="anchor" href="#${slug}" aria-hidden="true" tabindex="-1">#</a>${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${escapeHtml(resolve(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text }) {
        return `<img src="${escapeHtml(resolve(href))}" alt="${escapeHtml(text)}">`;
      },
      code({ text, lang }) {
        return codeBlock(text, lang);
      },
      table(token) {
        const cells = (row: typeof token.header, tag: string) =>
          `<tr>${row.map((cell) => `<${tag}${cell.align === null ? "" : ` class="${cell.align}"`}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join("")}</tr>`;
        const rows = token.rows.map((row) => cells(row, "td")).join("\n");
        return `<div class="table" tabindex="0" role="group" aria-label="Table"><table><thead>${cells(token.header, "th")}</thead><tbody>${rows}</tbody></table></div>\n`;
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return { title, html };
}

export function codeBlock(code: string, language: string | undefined): string {
  const html = language === "imgspec" ? highlight(code) : escapeHtml(code);
  return `<pre tabindex="0"><code>${html}</code></pre>\n`;
}

/** GitHub's anchor of a heading. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

function unique(slug: string, used: Map<string, number>): string {
  const count = used.get(slug) ?? 0;
  used.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}

/** The text of rendered HTML. */
function plainText(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
