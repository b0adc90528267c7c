/** The packed extension in a real VS Code, driven by keys and the mouse. */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Locator, type Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { cleanUp, files, folder, folderOfImgc } from "../e2e/tools.ts";
import { startVSCode } from "./code-server.ts";

const SHOP = `let runtime = [ openssl ]

image "shop" {
  pakages   $runtime
  author "x"
}
`;

const home = folder();
const workspace = join(home, "workspace");
const settings = "data/User/settings.json";
// Suggestions that appear while keys arrive would take some of the keys.
const QUIET = {
  "workbench.startupEditor": "none",
  "chat.disableAIFeatures": true,
  "editor.quickSuggestions": false,
  "editor.suggestOnTriggerCharacters": false,
};
let page: Page;

beforeAll(async () => {
  files({ "workspace/shop.imgspec": SHOP, "workspace/new.imgspec": "", [settings]: JSON.stringify(QUIET) }, home);
  const address = await startVSCode(home);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  cleanUp(() => browser.close());
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(60_000);
  await page.goto(`${address}?folder=${workspace}`);
});

async function open(name: string): Promise<void> {
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
  await page.locator(".tab.active", { hasText: name }).waitFor();
  await page.locator(".editor-instance .view-line").first().waitFor();
}

/** The text of the editor, with inlay hints. */
const text = () =>
  page.evaluate(`[...document.querySelectorAll(".editor-instance .view-line")]
    .toSorted((a, b) => a.offsetTop - b.offsetTop)
    .map((line) => line.innerText.replaceAll("\u00a0", " "))`) as Promise<string[]>;
/** A word in the editor. */
const word = (of: string) => page.locator(".editor-instance .view-line span span", { hasText: of }).first();
/** The colours of a keyword, a setting, a string and a package. */
const colours = () =>
  page.evaluate(`["let", "author", '"x"', "openssl"].map((word) => {
    const spans = [...document.querySelectorAll(".editor-instance .view-line span span")];
    return getComputedStyle(spans.find((each) => each.innerText.includes(word))).color;
  })`) as Promise<string[]>;
const messages = () => page.locator(".notification-toast .notification-list-item-message").allInnerTexts();
const until = { timeout: 60_000, interval: 100 };

/** Presses a key until it shows an element: on a busy machine, VS Code may not be ready for the key. */
async function press(key: string, shown: Locator, before: () => Promise<void> = async () => {}): Promise<void> {
  const isShown = async () => {
    await before();
    await page.keyboard.press(key);
    return shown.waitFor({ timeout: 5000 }).then(
      () => true,
      () => false,
    );
  };
  await expect.poll(isShown, until).toBe(true);
}

/** Waits for exactly one message, presses its button, and sets the path of imgc in the settings that open. */
async function answer(about: string, path: string): Promise<void> {
  await expect.poll(messages, until).toEqual([expect.stringContaining(about)]);
  // A second message would follow soon.
  await page.waitForTimeout(500);
  expect(await messages()).toHaveLength(1);
  await page.locator(".notification-toast .monaco-button", { hasText: "Open Settings" }).click();
  const input = page
    .locator(".settings-editor .setting-item-contents", { hasText: "The imgc program" })
    .locator("input");
  await input.fill(path);
  // VS Code writes the setting after a pause in typing.
  await expect.poll(() => readFileSync(join(home, "data/Machine/settings.json"), "utf8"), until).toContain(path);
  await page.keyboard.press("Escape");
  await page.locator(".monaco-modal-editor-block").waitFor({ state: "detached" });
}

test("without a server, there are colours, and one message with a button for each reason", async () => {
  await open("shop.imgspec");
  await expect.poll(async () => new Set(await colours()).size, until).toBe(4);
  await answer("Cannot find `imgc`.", "/nowhere/imgc");
  await answer("Cannot find `/nowhere/imgc`.", "/bin/true");
  const old = files({ imgc: "#!/bin/sh\necho 'imgc needs Node.js 22.15 or newer; this is v20.0.0.' >&2\nexit 2\n" });
  chmodSync(old, 0o755);
  await answer("`/bin/true` is not imgc.", old);
  await answer(`Cannot run \`${old}\`: imgc needs Node.js 22.15 or newer`, join(folderOfImgc(), "imgc"));
});

test("with the server, there are diagnostics, code lenses, fixes, hover, completion, rename and formatting", async () => {
  await page.locator(".squiggly-error").waitFor();
  // The server colours words by their meaning.
  await press("F1", page.locator(".quick-input-widget input"), async () => word("author").click({ force: true }));
  await page.keyboard.type("Inspect Editor Tokens and Scopes");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Inspect Editor Tokens" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".token-inspect-widget", { hasText: "semantic token type" }).waitFor();
  await page.keyboard.press("Escape");
  expect(new Set(await colours()).size).toBe(4);
  await expect.poll(text, until).toContain("  pakages   $runtime = [ openssl ]");

  const lens = page.locator(".editor-instance .codelens-decoration a");
  await expect.poll(() => lens.allInnerTexts(), until).toEqual(["Build", "Run"]);

  // The cursor may be above the word.
  await word("author").hover({ force: true });
  await expect.poll(() => page.locator(".monaco-hover-content").first().innerText(), until).toContain("author");
  await page.keyboard.press("Escape");

  // The hover must not cover the next word.
  await page.mouse.move(0, 0);
  await press("Control+.", page.locator(".action-widget .action", { hasText: "packages" }), async () =>
    word("pakages").click({ force: true }),
  );
  await page.keyboard.press("Enter");
  await page.locator(".squiggly-error").waitFor({ state: "detached" });

  await press("F2", page.locator(".rename-input"), async () => word("runtime").click({ force: true }));
  await page.locator(".rename-input").fill("libs");
  await page.locator(".rename-input").press("Enter");
  await expect.poll(text, until).toContain("  packages   $libs = [ openssl ]");

  await page.keyboard.press("Control+End");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("manif");
  await press("Control+Space", page.locator(".suggest-widget .monaco-list-row", { hasText: "manifest" }));
  await page.keyboard.press("Enter");
  await page.keyboard.type(" docker");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+I");
  await expect.poll(text, until).toContain("  packages $libs = [ openssl ]");
  await page.keyboard.press("Control+S");
  await expect
    .poll(() => readFileSync(join(workspace, "shop.imgspec"), "utf8"), until)
    .toBe('let libs = [ openssl ]\n\nimage "shop" {\n  packages $libs\n  author "x"\n  manifest docker\n}\n');
});

test("a new file is indented by two columns", async () => {
  await open("new.imgspec");
  // The editor's text has inlay hints, so compare the file. On a busy machine, the editor may not be ready for the keys.
  const written = async () => {
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Delete");
    await page.keyboard.type('image "a" {');
    await page.keyboard.press("Enter");
    await page.keyboard.type("config {");
    await page.keyboard.press("Enter");
    await page.keyboard.type("user");
    await page.keyboard.press("Control+S");
    await page.waitForTimeout(500);
    return readFileSync(join(workspace, "new.imgspec"), "utf8");
  };
  await expect.poll(written, until).toBe('image "a" {\n  config {\n    user\n  }\n}');
});
