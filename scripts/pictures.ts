/**
 * `npm run pictures`: makes the pictures of the README: a recording of `imgc check`, and the page of a plan, which needs Nix
 * and Chromium. `node scripts/pictures.ts check` makes only the recording.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { COLUMNS, recordCheck } from "./pictures/record.ts";
import { terminalSvg } from "./pictures/terminal-svg.ts";

const ROOT = join(import.meta.dirname, "..");
const PICTURES = join(ROOT, "docs/pictures");

export function checkPicture(): string {
  const title =
    "A terminal: imgc check shows three mistakes of a description at their places; imgc check --fix corrects two of them.";
  return terminalSvg(recordCheck(), { columns: COLUMNS, title });
}

/** The page of the plan of a Flask application, in a window of a laptop. */
async function planPicture(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "imgc-picture-"));
  try {
    // In a copy: a build beside the example would write a lock file there.
    cpSync(join(ROOT, "examples"), folder, { recursive: true });
    const imgc = [
      join(ROOT, "bin/imgc.mjs"),
      "plan",
      join(folder, "flask.imgspec"),
      "--html",
      join(folder, "plan.html"),
    ];
    execFileSync(process.execPath, imgc, { stdio: "inherit" });
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 700 }, reducedMotion: "reduce" });
      await page.goto(`file://${join(folder, "plan.html")}`);
      // The map appears with the first frame.
      await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
      await page.screenshot({ path });
    } finally {
      await browser.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(join(PICTURES, "check.svg"), checkPicture());
  if (process.argv[2] !== "check") await planPicture(join(PICTURES, "plan.png"));
}
