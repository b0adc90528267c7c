/** Why a build did not come to its end: what is wrong in the spec at its place, the rest in words. */
import { basename } from "node:path";
import { diagnostic, type Diagnostic, type Place } from "../diagnostics/diagnostic.ts";
import { printFinding, type Finding } from "../findings/finding.ts";
import { BuildFailure } from "../nix/build.ts";
import { ToolError } from "../tool/run.ts";
import type { Compiled } from "./compile-file.ts";
import { EXIT, Reported, UserError } from "./exit.ts";
import { Interrupted } from "./interrupt.ts";
import { report } from "./report.ts";

/** Shows findings with a place, and gives the error that ends the command. */
export function explainBuild(error: unknown, signal: AbortSignal | undefined, compiled: Compiled): unknown {
  if (signal?.reason instanceof Interrupted) return new UserError(signal.reason.code, "interrupted");
  if (error instanceof BuildFailure) return explainFailure(error, compiled);
  return error instanceof ToolError ? new UserError(EXIT.environment, error.message) : error;
}

function explainFailure(failure: BuildFailure, compiled: Compiled): UserError {
  const diagnostics: Diagnostic[] = [];
  const texts: string[] = [];
  for (const finding of failure.findings) {
    const places = placesOf(finding, compiled);
    for (const place of places) diagnostics.push(diagnostic("build-finding", place, { message: finding.message }));
    if (places.length === 0) texts.push(printFinding(finding).replace(/^imgc: /, ""));
  }
  report({ diagnostics: diagnostics.toSorted(byPlace), sources: compiled.sources }, process.stderr);
  texts.push(...failure.reports.map((text) => text + whereFrom(text)));
  const isFinding = failure.builds.length === 0 && failure.error?.placed !== false;
  const code = isFinding ? EXIT.findings : EXIT.environment;
  return texts.length === 0 ? new Reported(code) : new UserError(code, texts.join("\n"));
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.file === b.file ? a.span.start - b.span.start : a.file < b.file ? -1 : 1;
}

/** Where the spec says what a finding is about; nowhere if the finding has no place, or is about an image of another file. */
function placesOf({ image, at }: Finding, { spec, locate }: Compiled): Place[] {
  if (image !== null) return spec.images.some(({ name }) => name === image) ? [locate(at, image)] : [];
  const [setting, name] = at;
  return setting === "base" ? basesNamed(String(name), spec.images).map((each) => locate(["base"], each)) : [];
}

/** The images whose base from elsewhere is called so by nix/base.nix. */
function basesNamed(name: string, images: Compiled["spec"]["images"]): string[] {
  const all = images.filter(({ base }) => base.kind !== "scratch" && base.kind !== "image");
  const same = all.filter(({ base }) =>
    "path" in base ? basename(base.path) === name : "reference" in base && base.reference === name,
  );
  return (same.length > 0 ? same : all.filter(({ base }) => base.kind === "nix")).map((image) => image.name);
}

/** Nix read the expression from standard input, where nobody can look it up. */
function whereFrom(message: string): string {
  if (!message.includes("«stdin»")) return "";
  return (
    "\n(«stdin» is what `imgc compile FILE` prints; " +
    "`imgc check --packages FILE` shows a package that is not there at its place)"
  );
}
