/** Explains a failed build: findings as diagnostics at their places in the spec, other failures as text. */
import { basename } from "node:path";
import { needed } from "../compile/index.ts";
import { diagnostic, type Diagnostic, type Place } from "../diagnostics/diagnostic.ts";
import { printFinding, type Finding } from "../diagnostics/finding.ts";
import { BuildFailure } from "../nix/build-log.ts";
import { anyForm } from "../nix/commands.ts";
import { evaluationOptions, storeOptions } from "../nix/options.ts";
import { nixSettings } from "../nix/settings.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import type { Compiled } from "./compile.ts";
import { evaluationErrors } from "./evaluation-errors.ts";
import { EXIT, Reported, ImgcError } from "../util/errors.ts";
import type { Reporter } from "./reporter.ts";

/** The spec and the options of the failed build. */
export interface Attempt {
  compiled: Compiled;
  /** Options of `nix build`. */
  options: string[];
  signal: AbortSignal;
  reporter: Reporter;
}

/** Reports findings with a place; returns the error that ends the command. */
export async function explainBuild(error: unknown, attempt: Attempt): Promise<unknown> {
  return error instanceof BuildFailure && !attempt.signal.aborted ? explainFailure(error, attempt) : error;
}

async function explainFailure(failure: BuildFailure, attempt: Attempt): Promise<ImgcError> {
  const { compiled } = attempt;
  const diagnostics: Diagnostic[] = [];
  const texts: string[] = [];
  for (const finding of failure.findings) {
    const places = placesOf(finding, compiled);
    for (const place of places) diagnostics.push(diagnostic("build-finding", place, { message: finding.message }));
    if (places.length === 0) texts.push(printFinding(finding).replace(/^imgc: /, ""));
  }
  const { builds, error } = failure;
  const found =
    error !== undefined || builds.length > 0
      ? await evaluationDiagnostics(attempt, { isBuild: builds.length > 0 })
      : [];
  const evaluation = found ?? [];
  diagnostics.push(...evaluation);
  attempt.reporter.diagnostics({ diagnostics: inOrder(diagnostics), sources: compiled.sources });
  // Show the logs of failed builds even if there are diagnostics for the expressions that need these builds.
  if (evaluation.length === 0 || builds.length > 0) texts.push(...failure.reports);
  if (error !== undefined && evaluation.length === 0) texts.push(...(await advice(error, attempt)));
  const isFinding =
    found !== undefined &&
    (found.length > 0 || (builds.length === 0 && (error === undefined || error.place !== undefined)));
  const code = isFinding ? EXIT.findings : EXIT.environment;
  return texts.length === 0 ? new Reported(code) : new ImgcError(code, texts.join("\n"));
}

/**
 * The diagnostics of those parts of the spec that cannot be evaluated. Undefined if Nix cannot reach its store, since
 * then every part fails. `isBuild`: whether a build failed; then only the parts that need a failed build have
 * diagnostics.
 */
async function evaluationDiagnostics(
  { compiled, options, signal }: Attempt,
  { isBuild }: { isBuild: boolean },
): Promise<Diagnostic[] | undefined> {
  const settings = evaluationOptions(options);
  try {
    const found = await evaluationErrors(compiled, { settings, isBuild, signal });
    if (isBuild) return found;
    if (found.length > 0) return (await hasStore(settings)) ? found : undefined;
    const isAllowed = (await nixSettings(settings)).get("allow-import-from-derivation") !== false;
    const { spec, locate } = compiled;
    return needed(spec.images, compiled.options.image)
      .filter(({ cache }) => !isAllowed && cache.reuse === "layer")
      .map(({ name }) => diagnostic("forbidden-import", locate(["cache", "reuse"], name), {}));
  } catch (error) {
    // If this evaluation fails in another way, the build's own error is shown.
    if (error instanceof ToolError || error instanceof BuildFailure) return [];
    throw error;
  }
}

/** Hints that are shown below Nix's own error. */
async function advice({ place }: NonNullable<BuildFailure["error"]>, { options }: Attempt): Promise<string[]> {
  const group = (await nixSettings(evaluationOptions(options))).get("build-users-group");
  const isRoot = process.getuid?.() === 0;
  if (isRoot && typeof group === "string" && group !== "" && !(await hasGroup(group)))
    return ["to build without the users of `build-users-group`, set `build-users-group =` in nix.conf or NIX_CONFIG"];
  return place !== undefined ? ["(`imgc compile FILE | nix build -f - --show-trace` shows where)"] : [];
}

/** Whether Nix can reach its store, or the store that `--store` names. */
async function hasStore(settings: string[]): Promise<boolean> {
  return anyForm(
    [
      ["store", "info"],
      ["store", "ping"],
    ],
    storeOptions(settings),
  ).then(
    () => true,
    () => false,
  );
}

async function hasGroup(name: string): Promise<boolean> {
  return runTool("getent", ["group", name]).then(
    () => true,
    () => false,
  );
}

/** Sorted by place, without duplicates: the builds of two platforms may have the same finding. */
function inOrder(diagnostics: Diagnostic[]): Diagnostic[] {
  const once = new Map(diagnostics.map((each) => [JSON.stringify([each.file, each.span, each.message]), each]));
  return [...once.values()].toSorted(byPlace);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.file === b.file ? a.span.start - b.span.start : a.file < b.file ? -1 : 1;
}

/**
 * The places of a finding in the spec. Empty if the finding names no place, or if its image belongs to another file.
 */
function placesOf({ image, at }: Finding, { spec, locate }: Compiled): Place[] {
  if (image !== null) return spec.images.some(({ name }) => name === image) ? [locate(at, image)] : [];
  const [setting, name] = at;
  if (setting === "nixpkgs" || setting === "param") return [locate(at)];
  return setting === "base" ? basesNamed(String(name), spec.images).map((each) => locate(["base"], each)) : [];
}

/**
 * The images whose foreign base has this name in nix/base.nix. The name of a base that is Nix code is unknown here, so
 * such bases are only taken if no other base has the name.
 */
function basesNamed(name: string, images: Compiled["spec"]["images"]): string[] {
  const all = images.filter(({ base }) => base.kind !== "scratch" && base.kind !== "image");
  const same = all.filter(({ base }) =>
    "path" in base ? basename(base.path) === name : "reference" in base && base.reference === name,
  );
  return (same.length > 0 ? same : all.filter(({ base }) => base.kind === "nix")).map((image) => image.name);
}
