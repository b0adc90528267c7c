/** The pages of the site: the documentation of the repository, and the files to which it links. */
import { globSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path/posix";
import { codeBlock, renderMarkdown } from "./markdown.ts";
import { escapeHtml } from "./highlight.ts";

export interface Page {
  /** The path of the page in the site. */
  output: string;
  title: string;
  /** The content of `main`. */
  html: string;
  /** Whether the navigation lists the page. */
  isListed: boolean;
}

export interface Site {
  /** In the order of the navigation. */
  pages: Page[];
  /** Files to copy, such as images, with the same path in the repository and in the site. */
  assets: string[];
}

/** The Markdown of the site, in the order of the navigation: first the pages to which README.md links, in its order. */
const MARKDOWN = [
  "README.md",
  "docs/*.md",
  "examples/README.md",
  "grammar/reference.md",
  "grammar/diagnostics/*.md",
  "nix/README.md",
  "CHANGELOG.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
];
/** Pages of this kind are reached from their list. */
const UNLISTED = /^grammar\/diagnostics\/(?!README)/;
/** Files that browsers show by themselves. */
const ASSETS = /^grammar\/.*\.html$|\.(?:png|svg|gif|webp|jpg)$/;

export function makeSite(root: string): Site {
  const sources = MARKDOWN.flatMap((pattern) => globSync(pattern, { cwd: root }).toSorted());
  const assets = new Set<string>();
  const linked = new Set<string>();
  const pages: Page[] = [];
  for (const source of sources) {
    const { title, html } = renderMarkdown(readFileSync(join(root, source), "utf8"), (href) => {
      const [path = "", anchor] = href.split("#");
      const target = join(dirname(source), path).replace(/\/$/, "");
      const output = addressOf(target);
      return relative(dirname(addressOf(source)), output) + (anchor === undefined ? "" : `#${anchor}`);
    });
    const name = source === "README.md" ? "Introduction" : title;
    pages.push({ output: addressOf(source), title: name, html, isListed: !UNLISTED.test(source) });
  }
  // Folders add the files in them.
  for (const target of linked) pages.push(...filePage(target));
  return { pages: inOrderOfReadme(pages), assets: [...assets] };

  /** The path in the site of a file or folder of the repository, which becomes part of the site. */
  function addressOf(path: string): string {
    if (path === "README.md") return "introduction.html";
    if (sources.includes(path)) return path.replace(/README\.md$/, "index.md").replace(/\.md$/, ".html");
    if (sources.includes(join(path, "README.md"))) return join(path, "index.html");
    if (ASSETS.test(path)) {
      assets.add(path);
      return path;
    }
    linked.add(path);
    return statSync(join(root, path)).isDirectory() ? join(path, "index.html") : `${path}.html`;
  }

  function filePage(path: string): Page[] {
    const output = addressOf(path);
    const head = `<h1>${escapeHtml(path)}</h1>\n`;
    if (statSync(join(root, path)).isDirectory()) {
      const files = readdirSync(join(root, path), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .toSorted();
      const items = files.map(
        (file) => `<li><a href="${relative(path, addressOf(file))}">${escapeHtml(relative(path, file))}</a></li>`,
      );
      return [{ output, title: path, html: `${head}<ul>${items.join("\n")}</ul>`, isListed: false }];
    }
    const code = codeBlock(readFileSync(join(root, path), "utf8"), extname(path).slice(1));
    return [{ output, title: path, html: head + code, isListed: false }];
  }
}

/** Sorts pages by their first link in README.md; other pages keep their order behind these. */
function inOrderOfReadme(pages: Page[]): Page[] {
  const readme = pages.find(({ output }) => output === "introduction.html")?.html ?? "";
  const rank = ({ output }: Page) => {
    const at = output === "introduction.html" ? 0 : readme.lastIndexOf(`href="${output}"`);
    return at < 0 ? Infinity : at;
  };
  return pages.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}
