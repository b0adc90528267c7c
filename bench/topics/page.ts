/** Times of a plan's page in headless Chromium: until it is drawn, and until the effect of each input is visible. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { pageData, pageOf } from "../../src/app/plan-page.ts";
import { storeLayer } from "../../test/plan-page/closure.ts";
import type { PageData } from "../../src/plan-page/data.ts";
import { plan } from "../../src/plan/plan.ts";
import { closureOf } from "../made-up-closure.ts";
import type { Row, Section } from "../section.ts";

const PROBE = join(import.meta.dirname, "../page/probe.js");
const ARGUMENTS = ["no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking"];
const SIZES = [
  { paths: 100, files: 20 },
  { paths: 1_000, files: 20 },
  { paths: 5_000, files: 20 },
  { paths: 10_000, files: 10 },
  { paths: 50_000, files: 2 },
];

/** The number of rounds; the smallest times count, which other load disturbed least. */
const ROUNDS = 3;

/** The inputs of a user, in this order. */
const INPUTS: [name: string, act: (page: Page) => Promise<void>][] = [
  ["choose a layer", (page) => onMap(page, ...times(10, "ArrowRight"))],
  ["search", (page) => keys(page, "/", ...Array.from("package1"))],
  ["open a result", (page) => keys(page, "Enter", "Escape")],
  ["mouse", mouse],
  ["zoom", (page) => onMap(page, "ArrowRight", ...times(5, "Enter", "Escape"))],
  ["choose a path", (page) => onMap(page, "Enter", ...times(10, "ArrowRight"))],
];

export const section: Section = {
  title: "The page of a plan",
  about:
    "`imgc plan --html` of up to 100,000 files, in headless Chromium without a graphics card: the time until the " +
    "page is loaded and drawn, the size of its JavaScript heap, and for each kind of input the longest time until " +
    "the effect is on the screen. A frame takes 16.7 ms, so about 17 ms means that the effect is in the next frame.",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "imgc-bench-"));
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ARGUMENTS.map((each) => `--${each}`),
    });
    try {
      const rows = [];
      for (const { paths, files } of SIZES) rows.push(await measure(browser, folder, paths, files));
      return rows;
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true });
    }
  },
};

async function measure(browser: Browser, folder: string, paths: number, files: number): Promise<Row> {
  const file = join(folder, "plan.html");
  writeFileSync(file, pageOf(await madeUp(paths, files)));
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await open(browser, file));
  const least = (of: (round: Round) => number) => Math.min(...rounds.map(of));
  return {
    paths: paths.toLocaleString("en"),
    files: (paths * files).toLocaleString("en"),
    "page, MB": (statSync(file).size / 1e6).toFixed(1),
    "heap, MB": (least(({ heap }) => heap) / 1e6).toFixed(0),
    "drawn after, ms": least(({ usable }) => usable).toFixed(0),
    ...Object.fromEntries(
      INPUTS.map(([name], kind) => {
        const waits = rounds[0]?.waits[kind]?.map((_, i) => least(({ waits: all }) => all[kind]?.[i] ?? Infinity));
        return [`${name}, ms`, Math.max(...(waits ?? [])).toFixed(0)];
      }),
    ),
  };
}

interface Round {
  usable: number;
  heap: number;
  /** Milliseconds by kind of input, in order. */
  waits: number[][];
}

async function open(browser: Browser, file: string): Promise<Round> {
  const page = await browser.newPage({ viewport: { width: 1300, height: 800 } });
  try {
    await page.addInitScript({ path: PROBE });
    await page.goto(`file://${file}`);
    await page.waitForFunction("probe.usable > 0");
    const usable = (await page.evaluate("probe.usable")) as number;
    const heap = await heapOf(page);
    const waits: number[][] = [];
    for (const [, act] of INPUTS) {
      await page.evaluate("probe.waits = []");
      await act(page);
      waits.push((await page.evaluate("probe.waits")) as number[]);
    }
    return { usable, heap, waits };
  } finally {
    await page.close();
  }
}

/** The data of an image in 100 layers; the first file of each path is the largest. */
async function madeUp(paths: number, files: number): Promise<PageData> {
  const closure = closureOf(paths).map((path) => ({ ...path, narHash: "" }));
  const planned = plan({ closure, steps: [{ kind: "auto" }], budget: 100 });
  const layers = planned.map((layer) => storeLayer(layer, closure));
  const data = await pageData(
    { title: "bench/page:v1", layers, closure, root: "" },
    { plan: 1, auto: 1, layers: [] },
    undefined,
  );
  for (const path of data.paths) {
    path.files = Array.from({ length: files }, (_, i) => [`lib/${path.name}/file${i}`, path.size / 2 ** (i + 1)]);
  }
  return data;
}

/** Bytes of live objects. */
async function heapOf(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize;
}

async function keys(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) {
    await page.keyboard.press(name);
    await settled(page);
  }
}

async function onMap(page: Page, ...names: string[]): Promise<void> {
  await page.locator("#map").focus();
  await keys(page, ...names);
}

function times(count: number, ...names: string[]): string[] {
  return Array.from({ length: count }, () => names).flat();
}

async function mouse(page: Page): Promise<void> {
  for (let i = 1; i <= 10; i++) {
    await page.mouse.move(i * 80, 60 + i * 60);
    await settled(page);
  }
}

/** Waits for two frames. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))",
  );
}
