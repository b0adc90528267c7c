/** The playground and the pages of the site in a real browser. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleSheets } from "../../scripts/site/examples.ts";
import { writeSite } from "../../scripts/site.ts";

const ROOT = join(import.meta.dirname, "../..");
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const folder = mkdtempSync(join(tmpdir(), "imgc-site-"));
const site = join(folder, "site");
let browser: Browser;

beforeAll(async () => {
  await writeSite(site);
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGUMENTS });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Waits for a value; a loaded machine may take long. */
const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000 });

/** Opens a page of the site; `trouble` collects errors, and requests to other places than the site. */
async function open(path = "index.html", { origin = `file://${site}/`, scheme = "light", width = 1300 } = {}) {
  const page = await browser.newPage({
    colorScheme: scheme as "light" | "dark",
    viewport: { width, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const trouble: string[] = [];
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
  page.on("request", (request) => request.url().startsWith(origin) || trouble.push(request.url()));
  await page.goto(origin + path);
  return { page, trouble };
}

const nix = (page: Page) => page.locator("#nix").textContent();
const status = (page: Page) => page.locator("#count").innerText();
const text = async (page: Page) => (await page.locator(".cm-line").allTextContents()).join("\n");

/** Replaces the text of the editor. */
async function type(page: Page, content: string) {
  await page.locator(".cm-content").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(content);
}

test("the compiled Nix of each example is that of imgc compile", async () => {
  const { page, trouble } = await open();
  const examples = join(folder, "examples");
  cpSync(join(ROOT, "examples"), examples, { recursive: true });
  const sheets = exampleSheets(ROOT);
  expect(sheets.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["hello.imgspec", "nginx.imgspec", "nix-ci.imgspec"]),
  );
  expect(await page.locator("#example option").allInnerTexts()).toEqual(sheets.map(({ name }) => name));
  for (const { name } of sheets) {
    await page.getByLabel("Example").selectOption(name);
    expect(await status(page), name).toBe("No problems");
    execFileSync(process.execPath, [join(ROOT, "bin/imgc.mjs"), "compile", name, "-o", "images.nix"], {
      cwd: examples,
    });
    expect(await nix(page), name).toBe(readFileSync(join(examples, "images.nix"), "utf8"));
  }
  expect(trouble).toEqual([]);
  // Even if a script tried, the browser would send nothing.
  expect(await page.evaluate(`fetch("https://example.org/").catch(() => "refused")`)).toBe("refused");
  expect(trouble.join()).toContain("Content Security Policy");
});

test("the script uses no globals of Node.js", () => {
  // esbuild refuses modules of Node.js, since it bundles for browsers.
  const script = readFileSync(join(site, "playground.js"), "utf8");
  expect(script.match(/(?<![\w.$])(?:Buffer|process|__dirname)\b[.([]/g)).toBeNull();
});

test("an error appears at its place, and its fix removes it", async () => {
  const { page, trouble } = await open();
  await type(page, 'image "a" {\n  packagse [ hello ]\n  config { expose [ 99999/tcp ] }\n}\n');
  await eventually(() => status(page)).toBe("2 errors");
  expect(await page.locator("#problems li").first().innerText()).toMatch(/^2:3\s+.*packagse.*unknown-setting$/s);
  expect(await page.locator(".cm-lintRange-error").allInnerTexts()).toEqual(["packagse", "99999/tcp"]);
  expect(await page.locator("#no-nix").isVisible()).toBe(true);
  expect(await page.locator("#nix").isVisible()).toBe(false);
  // The place moves the cursor: typed text appears there.
  await page.locator("#problems").getByRole("button", { name: "3:21" }).click();
  await page.keyboard.type("8080/tcp ");
  await page.keyboard.press("Escape");
  await eventually(() => text(page)).toContain("expose [ 8080/tcp 99999/tcp ]");
  await page.getByRole("button", { name: "write `packages`" }).click();
  await eventually(() => status(page)).toBe("1 error");
  await page.keyboard.press("ControlOrMeta+z");
  await eventually(() => status(page)).toBe("2 errors");
  await page.getByRole("button", { name: "Apply safe fixes" }).click();
  await eventually(() => page.locator("#message").innerText()).toBe("Applied 1 fix.");
  expect(await text(page)).toContain("packages [ hello ]");
  // The code leads to its page.
  await page.getByRole("link", { name: "out-of-range" }).click();
  expect(await page.locator("h1").innerText()).toBe("out-of-range");
  expect(trouble).toEqual([]);
});

test("the formatter, the colors, completion and hover are those of the language", async () => {
  const { page, trouble } = await open();
  await type(page, 'image   "a"{packages[hello]}');
  await page.getByRole("button", { name: "Format" }).click();
  await eventually(() => text(page)).toBe('image "a" { packages [ hello ] }\n');
  expect(await page.locator(".token-keyword").allInnerTexts()).toEqual(["image"]);
  expect(await page.locator(".token-property").allInnerTexts()).toEqual(["packages"]);
  await page.locator(".token-property").hover();
  await eventually(() => page.locator(".cm-tooltip .markdown").innerText()).toContain("packages");
  await page.mouse.move(1, 1);
  await type(page, 'image "a" { comp');
  await page.keyboard.press("Control+Space");
  await eventually(() => page.locator(".cm-completionLabel").allInnerTexts()).toContain("compression");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Format" }).click();
  await eventually(() => page.locator("#message").innerText()).toBe(
    "The description has syntax errors, so it was not formatted.",
  );
  expect(trouble).toEqual([]);
});

test("a link holds the description and its files, and opens from a server as from a file", async () => {
  const { page, trouble } = await open();
  const description = 'image "größe" {\n  files { "/app" copy ./src }\n}\n';
  await type(page, description);
  await eventually(() => page.locator("#problems").innerText()).toContain("missing-file");
  await page.getByLabel("One path for each line.").fill("src/main.py\n");
  await eventually(() => page.locator("#problems").innerText()).not.toContain("missing-file");
  await page.getByRole("button", { name: "Copy link" }).click();
  await eventually(() => page.locator("#message").innerText()).toBe("Copied the link, which contains the description.");
  const link = new URL(await page.evaluate<string>("navigator.clipboard.readText()"));
  expect(link.hash).toMatch(/^#sheet=[\w-]+$/);
  expect(trouble).toEqual([]);

  const server = createServer((request, response) => {
    const path = join(site, new URL(request.url ?? "", "http://site").pathname);
    const types: Record<string, string> = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };
    response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain" }).end(readFileSync(path));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const other = await open(`index.html${link.hash}`, { origin });
    await eventually(() => text(other.page)).toBe(description);
    expect(await other.page.locator("#files").inputValue()).toBe("src/main.py");
    expect(await other.page.locator("#problems").innerText()).not.toContain("missing-file");
    // A damaged link says so, and the page shows the first example.
    await other.page.goto(`${origin}index.html`);
    await other.page.goto(`${origin}index.html#sheet=broken`);
    await eventually(() => other.page.locator("#message").innerText()).toContain("The link is damaged");
    expect(await other.page.getByLabel("Example").inputValue()).toBe("hello.imgspec");
    expect(other.trouble).toEqual([]);
  } finally {
    server.close();
  }
});

test("Tab leaves the editor, and the parts of the page have names", async () => {
  const { page } = await open();
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.closest('.cm-editor') === null")).toBe(true);
  expect(await page.getByRole("textbox", { name: "Image description" }).count()).toBe(1);
  expect(await page.getByRole("toolbar", { name: "Actions" }).count()).toBe(1);
  expect(await page.getByRole("navigation", { name: "Pages" }).count()).toBe(1);
  expect(await page.getByRole("region", { name: "hello.imgspec" }).count()).toBe(1);
});

test("pages fit a narrow window, and have a dark variant", async () => {
  for (const path of [
    "index.html",
    "introduction.html",
    "grammar/reference.html",
    "docs/layers.html",
    "grammar/diagnostics/index.html",
  ]) {
    const { page, trouble } = await open(path, { width: 400 });
    expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBe(400);
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await background()).not.toBe(light);
    expect(trouble).toEqual([]);
  }
});
