/** `imgc plan`: which layer holds what, which step put it there, and what that costs; as text, or as a page. */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { printableLine } from "../../util/printable.ts";
import type { CompileFlags } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { whileInterruptible } from "../terminal/signals.ts";
import { costsOf } from "../../app/plan-costs.ts";
import { planPage } from "../../app/plan-page.ts";
import { planText, whyText } from "../terminal/plan-text.ts";
import { planView } from "../../app/plan-view.ts";
import { StatusLine } from "../terminal/status-line.ts";
import { replaceText } from "../../util/text-files.ts";

/** Milliseconds in which an opener that cannot open has said so. */
const PATIENCE = 1000;

export interface PlanFlags extends CompileFlags {
  html?: string;
  open?: boolean;
  why?: string;
  /** The image that clients have. */
  before?: string;
}

export async function plan(target: string, { html, open, why, before, ...flags }: PlanFlags): Promise<void> {
  const read = async (of: string) => await whileInterruptible(async (signal) => await planView(of, flags, signal));
  const view = await read(target);
  if (why !== undefined) {
    const text = whyText(view, why);
    if (text === undefined) throw new ImgcError(EXIT.usage, `the image has no store path ${why}`);
    process.stdout.write(text);
    return;
  }
  if (html === undefined && open !== true) {
    if (before !== undefined)
      throw new ImgcError(EXIT.usage, "--before goes with --html or --open; `imgc diff` prints");
    process.stdout.write(planText(view, costsOf(view)));
    return;
  }
  const old = before === undefined ? undefined : await read(before);
  const file = resolve(html ?? join(mkdtempSync(join(tmpdir(), "imgc-plan-")), "plan.html"));
  const status = new StatusLine(process.stderr);
  const page = planPage(view, costsOf(view), old, (text) => status.show(text));
  status.clear();
  replaceText(file, page);
  process.stdout.write(`${printableLine(file)}\n`);
  if (open === true) await openInBrowser(file);
}

async function openInBrowser(file: string): Promise<void> {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const started = spawn(program, [file], { stdio: "ignore", detached: true });
  const trouble = await new Promise<string | undefined>((done) => {
    started.once("error", () => done(`there is no ${program} here`));
    started.once("exit", (code) => done(code === 0 ? undefined : `${program} finds no browser here`));
    // One that goes on is the browser itself.
    setTimeout(() => done(undefined), PATIENCE).unref();
  });
  started.unref();
  if (trouble !== undefined) process.stderr.write(`imgc: ${trouble}; open ${printableLine(file)} yourself\n`);
}
