import { expect, test } from "vitest";
import { markdownHtml } from "../../src/playground/markdown.ts";

test("Markdown becomes HTML", () => {
  expect(markdownHtml("**a**: `b`\n\n```imgspec\nx <y>\n```")).toBe(
    '<p><strong>a</strong>: <code>b</code></p>\n<pre><code class="language-imgspec">x &lt;y&gt;\n</code></pre>\n',
  );
});

test("HTML, links and images in it have no effect", () => {
  const hostile =
    "<img src=x onerror=alert(1)>\n\na <script>b</script> [c](javascript:alert(1)) ![d](https://example.org/d)";
  const html = markdownHtml(hostile);
  expect(html).not.toMatch(/<(?!\/?p>)/);
  expect(html).not.toMatch(/javascript:|example\.org/);
});
