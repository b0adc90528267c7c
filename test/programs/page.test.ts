/** The page of a plan in a real browser, by mouse and keyboard, up to its documented size. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { costsOf } from "../../src/app/plan-costs.ts";
import { pageData, pageOf, planPage } from "../../src/app/plan-page.ts";
import type { PlanView } from "../../src/app/plan-view.ts";
import { planOf, storeLayer } from "../plan-page/closure.ts";

const ARGUMENTS = ["no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking"];
const folder = mkdtempSync(join(tmpdir(), "imgc-page-"));
let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [...ARGUMENTS, "disable-component-update", "disable-sync"].map((each) => `--${each}`),
  });
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Waits for a value; a loaded machine may take long. */
const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000 });

/** Opens the page; `trouble` collects its errors and network requests. */
async function open(html: string, colorScheme: "light" | "dark" = "light") {
  const file = join(folder, `${Math.random()}.html`);
  writeFileSync(file, html);
  const page = await browser.newPage({ colorScheme, viewport: { width: 1300, height: 800 } });
  const trouble: string[] = [];
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
  page.on("request", (request) => request.url().startsWith("file:") || trouble.push(request.url()));
  await page.goto(`file://${file}`);
  return { page, trouble };
}

/** The background colors of elements. */
const colors = (page: Page, selector: string) =>
  page.evaluate<string[]>(
    `[...document.querySelectorAll('${selector}')].map((each) => getComputedStyle(each).backgroundColor)`,
  );
const panel = (page: Page) => page.locator("#panel").innerText();
const view = planOf(300);
const html = await planPage(view, costsOf(view), undefined);

test("the keyboard moves from the image to a path, which shows why it is there", async () => {
  const { page, trouble } = await open(html);
  expect(await panel(page)).toContain("Layers, deepest first");
  await page.keyboard.press("ArrowRight");
  expect(await panel(page)).toMatch(/^Layer \d+[^]*Made by the step auto[^]*Largest first/);
  await page.keyboard.press("Enter");
  expect(await page.locator("#crumbs").innerText()).toMatch(/shop\/app:1.*Layer \d+/s);
  await page.keyboard.press("ArrowRight");
  expect(await panel(page)).toMatch(/made by the step auto[^]*Why it is here[^]*app-1\.0[^]*Used by/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  expect(await panel(page)).toContain("Layers, deepest first");
  // The page has no motion that `prefers-reduced-motion` would have to stop.
  expect(await page.evaluate("document.getAnimations().length")).toBe(0);
  expect(trouble).toEqual([]);
});

test("search finds a path, and a click on its neighbour selects the neighbour", async () => {
  const { page, trouble } = await open(html);
  await page.keyboard.press("/");
  await page.keyboard.type("lib150-");
  expect(await page.locator("#found").innerText()).toBe("1 path, 0 files");
  expect(await panel(page)).toContain("lib150-1.0");
  await page.keyboard.press("Enter");
  expect(await page.locator("#panel h2").innerText()).toBe("lib150-1.0");
  await page.locator(".neighbours .there", { hasText: "lib75-1.0" }).click();
  expect(await page.locator("#panel h2").innerText()).toBe("lib75-1.0");
  // Also by keyboard, twice.
  await page.locator(".neighbours .there", { hasText: "lib37-1.0" }).press("Space");
  expect(await page.locator("#panel h2").innerText()).toBe("lib37-1.0");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.locator("#crumbs").innerText()).toMatch(/Layer \d+/);
  expect(trouble).toEqual([]);
});

test("the mouse works in both colour schemes", async () => {
  const shots = await Promise.all(
    (["light", "dark"] as const).map(async (scheme) => {
      const { page, trouble } = await open(html, scheme);
      // The map appears with the first frame, which may come after the load event.
      const moved = async () => {
        await page.mouse.move(100, 100);
        await page.mouse.move(101, 100);
        return await page.locator("#status").innerText();
      };
      await eventually(moved).toMatch(/(kB|MB)$/);
      expect(trouble).toEqual([]);
      return page.evaluate(`document.getElementById("map").toDataURL()`);
    }),
  );
  expect(shots[0]).not.toBe(shots[1]);
});

test("colour means the chance of being pulled again, as the legend and the explanation of each layer say", async () => {
  const { page } = await open(html);
  expect(await page.locator("#legend").innerText()).toMatch(
    /^Chance that the next rebuild changes a layer:\s+under 25\u00a0%[^]*over 85\u00a0%$/,
  );
  const legend = await colors(page, "#legend .swatch");
  expect(new Set(legend).size).toBe(5);
  // The layer of the application is the most likely to change, and the lowest layer the least likely.
  const ofLayers = await colors(page, "tbody .swatch");
  expect(ofLayers.at(-1)).toBe(legend[4]);
  expect(legend.slice(0, 3)).toContain(ofLayers[0]);
  await page.getByRole("row", { name: /app/ }).getByRole("button").click();
  expect(await panel(page)).toMatch(
    /^Layer \d+: app.*Chance of being pulled again: 9\d\u00a0%\s+A rebuild of the application alone changes it, because it has app-1\.0\.\s+It changes if any of 300 store paths changes: its own paths, and their closures\.\s+It adds [\d.]+ .B to the [\d.]+ MB that clients are expected to pull after the next rebuild\./s,
  );
  await page.getByRole("button", { name: "app-1.0" }).first().click();
  expect(await page.locator("#panel h2").innerText()).toBe("app-1.0");
});

test("the map has the colors of the legend", async () => {
  const single = planOf(1);
  for (const scheme of ["light", "dark"] as const) {
    const { page } = await open(await planPage(single, costsOf(single), undefined), scheme);
    const pixel = () =>
      page.evaluate<string>(
        `(() => { const map = document.getElementById("map"); const { data } = map.getContext("2d").getImageData(map.width - 9, 9, 1, 1); return "rgb(" + [...data].slice(0, 3).join(", ") + ")"; })()`,
      );
    const [expected] = await colors(page, "tbody .swatch");
    await eventually(pixel).toBe(expected);
  }
});

test("the expected bytes of the layers add up, and the page explains the estimate", async () => {
  const data = await pageData(view, costsOf(view), undefined);
  const sum = data.layers.reduce((total, { cost }) => total + (cost?.expected ?? 0), 0);
  expect(sum).toBeCloseTo(data.expected.plan, 3);
  for (const { cost } of data.layers) expect(cost?.chance).toSatisfy((chance: number) => chance > 0 && chance < 1);
  const { page } = await open(html);
  await page.getByText("How the chance is estimated").click();
  expect(await panel(page)).toContain("The chance is a mean over imagined rebuilds");
  expect(await page.getByRole("columnheader").allInnerTexts()).toEqual(["#", "Layer", "Size", "Chance", "Expected"]);
});

test("a search without results suggests similar names, and a click searches for one of them", async () => {
  const { page } = await open(html);
  await page.getByRole("searchbox").fill("lbi150");
  expect(await panel(page)).toMatch(
    /^Nothing found\s+No path or file has “lbi150” in its name\.\s+Similar names\s+lib150/,
  );
  await page.getByRole("button", { name: "lib150", exact: true }).click();
  expect(await page.locator("#found").innerText()).toBe("1 path, 0 files");
  expect(await panel(page)).toContain("lib150-1.0");
  await page.getByRole("searchbox").fill("nothing like it");
  expect(await panel(page)).toContain("Search for a part of a package's name");
});

test("layers of a base that another tool made, and layers that the spec names, have their names and no step", async () => {
  const content = { paths: [], entries: [], permissions: [], blob: { file: "/nix/store/base", offset: 0, size: 5 } };
  const base = { name: "base layer 1", paths: [], size: 800, content, built: { digest: "b", packed: 400 } };
  const [app] = built("hello").layers;
  const named = {
    ...built("hello"),
    layers: [base, { ...(app as PlanView["layers"][number]), name: 'layer "runtime"' }],
  };
  const { page, trouble } = await open(await planPage(named, costsOf(named), undefined));
  expect(await page.locator("tbody tr").allInnerTexts()).toEqual([
    expect.stringMatching(/^1\s+base layer 1\s+of the base\s+800 B\s+base\s*$/),
    expect.stringMatching(/^2\s+runtime: app\s+layer "runtime", 1 path\s+1\.0 kB/),
  ]);
  expect(await page.locator("#legend").innerText()).toContain("base: only with its update");
  await page.getByRole("button", { name: "base layer 1" }).click();
  expect(await panel(page)).toContain("This layer belongs to the base. It changes if you update the base");
  expect(trouble).toEqual([]);
});

test("with a previous image, the page shows what a client pulls again", async () => {
  const after = planOf(300, "-next");
  const { page } = await open(await planPage(after, costsOf(after), view));
  expect(await page.locator("#panel .before").innerText()).toMatch(
    /A client that has shop\/app:1 .* pulls 1 layer, .* unpacked\./,
  );
  expect(await page.locator("tr.new").count()).toBe(1);
  await page.locator("tr.new button").click();
  expect(await panel(page)).toMatch(/pulls it again: 1 path of it is new\.[^]*app-1\.0 .*, new/);
});

/** A built image: one layer of a store path, and one of files outside the store. */
function built(text: string): PlanView {
  const content = { paths: [], permissions: [], entries: [] };
  const path = `/nix/store/${"1".repeat(32)}-app-1.0`;
  const entry = { kind: "text", path: "/etc/motd", text, mode: 0o644, uid: 0, gid: 0 } as const;
  const layer = (digest: string, packed: number) => ({ size: 2 * packed, built: { digest, packed } });
  return {
    title: "shop/app:1",
    root: "",
    closure: [{ path, narHash: "", narSize: 900, references: [] }],
    layers: [
      { name: "auto", paths: [path], content: { ...content, paths: [path] }, ...layer("a", 500) },
      { name: "files", paths: [], content: { ...content, entries: [entry] }, ...layer(text, 70) },
    ],
  };
}

test("a built image shows its files outside the store, and compressed sizes to pull", async () => {
  const [was, is] = [built("hello"), built("goodbye")];
  const { page, trouble } = await open(await planPage(is, costsOf(is), was));
  expect(await page.locator("#total").innerText()).toBe("2 layers, 1 path, 1.1 kB");
  expect(await panel(page)).toContain("pulls 1 layer, 70 B of 570 B (unpacked 140 B of 1.1 kB).");
  await page.keyboard.press("/");
  await page.keyboard.type("MOTD");
  expect(await panel(page)).toMatch(/0 paths, 1 file[^]*files outside the store\s+etc\/motd/);
  await page.keyboard.press("Enter");
  expect(await panel(page)).toMatch(/^files outside the store[^]*Layer 2, made by the step files[^]*etc\/motd 7 B/);
  await page.locator("#panel").getByRole("button", { name: "Layer 2" }).click();
  expect(await panel(page)).toMatch(/0\u00a0%\s+Its files are not copied: they change if the description does\./);
  expect(trouble).toEqual([]);
});

test("files with odd names are listed, the largest first", async () => {
  const root = join(folder, "root");
  const path = "/nix/store/0-odd";
  mkdirSync(join(root, path, "sub"), { recursive: true });
  for (const [name, size] of [
    ["sub/new\nline", 3],
    ["latin\xe9", 2],
  ] as const)
    writeFileSync(Buffer.from(join(root, path, name), "latin1"), "x".repeat(size));
  symlinkSync("nowhere", join(root, path, "link"));
  const odd = { title: "odd", root, closure: [{ path, narHash: "", narSize: 9, references: [] }] };
  const data = await pageData(
    { ...odd, layers: [storeLayer({ name: "auto", paths: [path] }, odd.closure)] },
    { plan: 1, auto: 1, layers: [] },
    undefined,
  );
  expect(data.paths[0]?.files).toEqual([
    ["sub/new\nline", 3],
    ["latin\ufffd", 2],
  ]);
});

test("no part is cut off in a narrow window, with long and odd names of files", async () => {
  const data = await pageData(view, costsOf(view), undefined);
  const longest = data.paths.reduce((best, path) => (path.size > best.size ? path : best));
  longest.name = `${"very-long-name-".repeat(12)}1.0`;
  longest.files = [["share/\u202egnp.日本語\n👩‍👩‍👧", longest.size]];
  for (const layer of data.layers) layer.packages.unshift(longest.name);
  const { page, trouble } = await open(pageOf(data));
  await page.getByRole("searchbox").fill("日本");
  expect(await panel(page)).toContain(String.raw`share/\u202egnp.日本語\n👩‍👩‍👧`);
  await page.keyboard.press("Enter");
  expect(trouble).toEqual([]);
  for (const size of [
    { width: 360, height: 640 },
    { width: 400, height: 800 },
    { width: 700, height: 400 },
  ]) {
    await page.setViewportSize(size);
    const widths = "[document.documentElement.scrollWidth, document.querySelector('main').scrollWidth]";
    expect(await page.evaluate(widths)).toEqual([size.width, size.width]);
  }
});

test("shows 5,000 paths with 100,000 files, and names cannot break out of the data", async () => {
  const large = planOf(5000);
  const data = await pageData(large, { plan: 1, auto: 1, layers: [] }, undefined);
  for (const path of data.paths) {
    path.files = Array.from({ length: 20 }, (_, i) => [`share/</script><b>${i}`, path.size / 20]);
  }
  const { page, trouble } = await open(pageOf(data));
  expect(await page.locator("#total").innerText()).toContain("5,000 paths");
  await page.keyboard.press("/");
  await page.keyboard.type("lib4321-");
  await page.keyboard.press("Enter");
  expect(await panel(page)).toMatch(/lib4321-1\.0[^]*Largest of 20 files[^]*<\/script><b>0/);
  // A path with thousands of neighbours lists the largest, and counts the rest.
  await page.locator(".neighbours .there", { hasText: "app-1.0" }).click();
  expect(await panel(page)).toMatch(/app-1\.0[^]*Refers to 4,999 paths[^]*and 4,899 smaller paths/);
  expect(trouble).toEqual([]);
});
