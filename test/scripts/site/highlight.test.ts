import { expect, test } from "vitest";
import { highlight } from "../../../scripts/site/highlight.ts";
import { renderMarkdown, slugOf } from "../../../scripts/site/markdown.ts";

test("a file has the colors of its tokens, and special characters are escaped", () => {
  expect(highlight('image "a" { packages [ hello ] } # <b>')).toBe(
    '<span class="token-keyword">image</span> <span class="token-string">&quot;a&quot;</span> { ' +
      '<span class="token-property">packages</span> [ <span class="token-type">hello</span> ] } ' +
      '<span class="token-comment"># &lt;b&gt;</span>',
  );
});

test("excerpts are colored as in the block to which they belong", () => {
  expect(highlight("packages [ hello ]")).toContain('<span class="token-property">packages</span>');
  expect(highlight('entrypoint [ "/bin/api" ]')).toContain('<span class="token-property">entrypoint</span>');
  expect(highlight('"/app" copy ./src')).toContain('<span class="token-enumMember">copy</span>');
});

test("anchors are those of GitHub", () => {
  expect(slugOf("`imgc plan`: a map, & more")).toBe("imgc-plan-a-map--more");
  const { title, html } = renderMarkdown("# A `b` <c>\n\n## Same\n\n## Same\n", (href) => href);
  expect(title).toBe("A b ");
  expect(Array.from(html.matchAll(/id="([^"]*)"/g), ([, id]) => id)).toEqual(["a-b-", "same", "same-1"]);
});
