/** `imgc plan`: shows the layers, the step behind each, and the expected cost of a rebuild, as text or as a web page. */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { printableLine } from "../../util/printable.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { endOnInterrupt, whileInterruptible } from "../terminal/signals.ts";
import { costsOf } from "../../app/plan-costs.ts";
import { planPage } from "../../app/plan-page.ts";
import { planText, whyText } from "../terminal/plan-text.ts";
import { planArgument } from "../../app/plan-argument.ts";
import type { PlanView } from "../../app/plan-view.ts";
import { isSpec } from "../../app/spec-files.ts";
import { filePlans } from "../../app/spec-plan.ts";
import { sharingText } from "../terminal/sharing-text.ts";
import { layoutOf } from "../terminal/style.ts";
import { withStatus } from "../terminal/status-line.ts";
import { replaceText } from "../../util/text-files.ts";
import { reporting } from "../terminal/reporter.ts";

/** Milliseconds to wait for a failure of `xdg-open`. */
const OPEN_TIMEOUT = 1000;

export interface PlanCommandOptions extends SpecOptions {
  html?: string;
  open?: boolean;
  why?: string;
  /** The image that clients have. */
  before?: string;
}

export async function plan(target: string, { html, open, why, before, ...options }: PlanCommandOptions): Promise<void> {
  const read = async (of: string) =>
    await whileInterruptible(
      async (signal) => await reporting(signal, async (context) => await planArgument(of, options, context)),
    );
  if (isSpec(target) && [options.image, why, html, open, before].every((each) => each === undefined)) {
    const views = await whileInterruptible(
      async (signal) => await reporting(signal, async (context) => await filePlans(target, options, context)),
    );
    if (views.length > 1) {
      process.stdout.write(sharingText(views, layoutOf(process.stdout)));
      return;
    }
    const [only] = views as [PlanView];
    process.stdout.write(planText(only, costsOf(only), layoutOf(process.stdout)));
    return;
  }
  const view = await read(target);
  if (why !== undefined) {
    const text = whyText(view, why, layoutOf(process.stdout));
    if (text === undefined) throw new ImgcError(EXIT.usage, `the image has no store path or package ${why}`);
    process.stdout.write(text);
    return;
  }
  if (html === undefined && open !== true) {
    if (before !== undefined)
      throw new ImgcError(EXIT.usage, "--before needs --html or --open; `imgc diff` compares as text");
    process.stdout.write(planText(view, costsOf(view), layoutOf(process.stdout)));
    return;
  }
  const old = before === undefined ? undefined : await read(before);
  using ending = endOnInterrupt();
  const page = await withStatus(async (onStep) => await planPage(view, costsOf(view), old, onStep));
  const file = resolve(html ?? join(mkdtempSync(join(tmpdir(), "imgc-plan-")), "plan.html"));
  replaceText(file, page);
  // Signals keep their default action while a browser shows the page.
  ending[Symbol.dispose]();
  process.stdout.write(`${printableLine(file)}\n`);
  if (open === true) await openInBrowser(file);
}

async function openInBrowser(file: string): Promise<void> {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const started = spawn(program, [file], { stdio: "ignore", detached: true });
  const trouble = await new Promise<string | undefined>((done) => {
    started.once("error", () => done(`${program} is not installed`));
    started.once("exit", (code) => done(code === 0 ? undefined : `${program} found no browser`));
    // A process that keeps running is the browser itself.
    setTimeout(() => done(undefined), OPEN_TIMEOUT).unref();
  });
  started.unref();
  if (trouble !== undefined) process.stderr.write(`imgc: ${trouble}; open ${printableLine(file)} yourself\n`);
}
