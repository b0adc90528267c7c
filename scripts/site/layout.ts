/** The frame of every page of the site. */
import { dirname, relative } from "node:path/posix";
import { escapeHtml } from "./highlight.ts";
import type { Page } from "./pages.ts";

/** `pages`: the pages of the navigation. `head`: further elements of the page's head. */
export function layout(page: Page, pages: Page[], head = ""): string {
  const to = (output: string) => relative(dirname(page.output), output);
  const items = pages
    .filter(({ isListed }) => isListed)
    .map(({ output, title }) => {
      const isHere = output === page.output;
      return `<li><a href="${to(output)}"${isHere ? ' aria-current="page"' : ""}>${escapeHtml(title)}</a></li>`;
    });
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy" content="connect-src 'none'; form-action 'none'">
    <title>${escapeHtml(page.title)} · imgc</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${to("style.css")}">
    ${head}
  </head>
  <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header>
      <a class="brand" href="${to("index.html")}">imgc</a>
      <span>Container images with Nix, from a small typed description</span>
      <a class="to-pages" href="#pages">Pages</a>
    </header>
    <nav id="pages" aria-label="Pages">
      <ul>
${items.join("\n")}
      </ul>
    </nav>
    <main id="main">
${page.html}
    </main>
  </body>
</html>
`;
}
