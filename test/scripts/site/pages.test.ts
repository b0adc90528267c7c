/** The site: links, anchors, and colors. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dirname, join as joinUrl } from "node:path/posix";
import { expect, test } from "vitest";
import { layout } from "../../../scripts/site/layout.ts";
import { makeSite, type Page } from "../../../scripts/site/pages.ts";
import { contrast, fromHex } from "../../contrast.ts";

const ROOT = join(import.meta.dirname, "../../..");
const { pages, assets } = makeSite(ROOT);
const home: Page = {
  output: "index.html",
  title: "Playground",
  html: readFileSync(join(ROOT, "scripts/site/playground.html"), "utf8"),
  isListed: true,
};
const all = [home, ...pages];
const documents = new Map(all.map((page) => [page.output, layout(page, all)]));
const ids = new Map(
  [...documents].map(([path, html]) => [path, new Set(Array.from(html.matchAll(/ id="([^"]*)"/g), ([, id]) => id))]),
);

test("every link leads to a page of the site, and to an anchor that the page has", () => {
  const dead: string[] = [];
  let count = 0;
  for (const [from, html] of documents) {
    for (const [, address = ""] of html.matchAll(/ (?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(address)) continue;
      count++;
      const [path = "", anchor] = address.replaceAll("&amp;", "&").split("#");
      const target = path === "" ? from : joinUrl(dirname(from), path);
      const isAnchor = anchor === undefined || ids.get(target)?.has(decodeURIComponent(anchor)) === true;
      const isThere = documents.has(target) || assets.includes(target) || target === "style.css";
      if (!isThere || !isAnchor) dead.push(`${from}: ${address}`);
    }
  }
  expect(dead).toEqual([]);
  expect(count).toBeGreaterThan(1000);
  expect(assets.filter((asset) => !existsSync(join(ROOT, asset)))).toEqual([]);
});

test("each page has its own path, a title, and one heading of the first level", () => {
  expect(documents.size).toBe(all.length);
  for (const { output, title, html } of all) {
    expect(title, output).not.toBe("");
    expect(html.match(/<h1[ >]/g), output).toHaveLength(1);
  }
});

test("the navigation has the documentation, in the order of README.md, and marks the page itself", () => {
  const html = documents.get("docs/layers.html") ?? "";
  const listed = Array.from(html.matchAll(/<li><a href="([^"]*)"/g), ([, href]) => href);
  expect(listed.slice(0, 2)).toEqual(["../index.html", "../introduction.html"]);
  expect(listed).toContain("../grammar/reference.html");
  expect(listed).toContain("../CHANGELOG.html");
  expect(listed.indexOf("../grammar/reference.html")).toBeLessThan(listed.indexOf("benchmarks.html"));
  expect(html).toContain('<a href="layers.html" aria-current="page">');
});

test("texts and colors of code have a contrast of at least 4.5, in both color schemes", () => {
  const css = readFileSync(join(ROOT, "scripts/site/style.css"), "utf8");
  const schemes = Array.from(css.matchAll(/:root \{([^}]*)\}/g), ([, block = ""]) =>
    Object.fromEntries(Array.from(block.matchAll(/--(\w+): (#\w+);/g), ([, name, color]) => [name ?? "", color ?? ""])),
  );
  expect(schemes).toHaveLength(2);
  for (const { back = "", shade = "", line: _, ...texts } of schemes) {
    for (const [name, color] of Object.entries(texts)) {
      expect(contrast(fromHex(color), fromHex(back)), `${name} ${color}`).toBeGreaterThanOrEqual(4.5);
      expect(contrast(fromHex(color), fromHex(shade)), `${name} ${color} on shade`).toBeGreaterThanOrEqual(4.5);
    }
  }
});
