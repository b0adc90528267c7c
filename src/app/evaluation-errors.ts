/** Finds the parts of a spec that cannot be evaluated, by evaluating each package and expression separately. */
import { HOST, needed, usesOf, type Probe, type Use } from "../compile/index.ts";
import { diagnostic, type Diagnostic, type Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { type PackageSetOptions } from "../language/index.ts";
import type { ImageSpec } from "../language/schema/spec.ts";
import { attributeText } from "../packages/index.ts";
import type { Compiled } from "./compile.ts";
import { Evaluation, type Facts, type Outcome, type Package } from "./evaluation.ts";
import { platformText } from "../oci/platform.ts";

/** A part of the spec, with all its places. */
interface Part extends Probe {
  uses: Use[];
}

/**
 * One of a series of package sets. Each has one more of the spec's options than the set before; the last has all
 * options.
 */
interface Step extends Pick<PackageSetOptions, "config" | "overlays"> {
  /** The path of the added option in the spec. */
  at: (string | number)[];
  /** The kind of the added option; null for the set without options. */
  option: "configuration" | "overlay" | null;
}

interface EvaluationOptions {
  /** Options of the evaluation. */
  settings: string[];
  /** Report only those parts whose evaluation failed because a build failed. */
  isBuild: boolean;
  signal: AbortSignal | undefined;
}

/** An empty `config`, for the set without options: `nixpkgs nix ''…''` is called as a function only with an option. */
const EMPTY = { nix: "{ }", directory: "/" };
/** The number of similar names in a message. */
const MOST_NEAR = 3;

/** A diagnostic for each failing part; empty if every part can be evaluated separately. */
export async function evaluationErrors(
  compiled: Compiled,
  { settings, isBuild, signal }: EvaluationOptions,
): Promise<Diagnostic[]> {
  const { spec, options } = compiled;
  const evaluate = new Evaluation(compiled, settings, signal);
  const parts = partsOf(needed(spec.images, options.image));
  const node = nodeOf(parts.length + 1);
  const found: Diagnostic[] = [];
  for (const platform of new Set([HOST, ...parts.map((part) => part.platform)])) {
    const all = parts.filter((part) => part.platform === platform);
    const isHost = platform === HOST;
    const probes = [setOf(platform), ...all, ...(isHost ? [node] : [])];
    const [set = {}, ...outcomes] = await evaluate.outcomes(probes);
    if (setFailure(set) !== undefined) return [await packageSetDiagnostic(compiled, evaluate, platform, set)];
    const ofNode = isHost && !isBuild ? outcomes.at(-1) : undefined;
    if (ofNode !== undefined && ofNode.facts?.missing == null)
      found.push(...partDiagnostics(node, platform, ofNode, placed(compiled, ["nixpkgs"]), spec.nixpkgs));
    const failing = all.filter((_, i) => outcomes[i]?.failure !== undefined && outcomes[i].facts?.missing == null);
    const culprits = await culpritsOf(failing, stepsOf(spec.nixpkgs), evaluate);
    for (const [i, part] of all.entries()) {
      const outcome = outcomes[i] ?? {};
      if (isBuild && outcome.isBuild !== true) continue;
      const culprit = culprits.get(part);
      if (culprit === undefined) {
        for (const use of part.uses)
          found.push(...partDiagnostics(use, platform, outcome, placed(compiled, use.at, use.image), spec.nixpkgs));
      } else found.push(optionDiagnostic(compiled, platform, { culprit, outcome, part }));
    }
  }
  return found;
}

function setOf(platform: string): Probe {
  return { id: 0, platform, value: null, force: "path" };
}

/** The package on which the builders of images run. */
function nodeOf(id: number): Probe & Pick<Use, "value" | "kind"> {
  return { id, platform: HOST, value: { attribute: ["nodejs"] }, force: "path", kind: "package" };
}

/** The reason why a package set cannot be used; undefined if the set can be used. */
function setFailure({ facts, failure }: Outcome): string | undefined {
  if (failure !== undefined || facts === undefined || facts.kind === "set") return failure;
  return `it is ${facts.kind}, not a set of packages`;
}

/** A part's place in the spec, and the text there. */
function placed(
  { locate, sources }: Compiled,
  at: (string | number)[],
  image?: string,
): { place: Place; text: string } {
  const place = locate(at, image);
  return { place, text: sources.get(place.file)?.text.slice(place.span.start, place.span.end) ?? "" };
}

/** The package sets without options, with `config`, with `config` and the first overlay, and so on. */
function stepsOf({ config, overlays }: PackageSetOptions): Step[] {
  const steps: Step[] = [{ at: ["nixpkgs"], option: null, config: EMPTY, overlays: [] }];
  if (config !== null) steps.push({ at: ["nixpkgs", "config"], option: "configuration", config, overlays: [] });
  for (const i of overlays.keys()) {
    const some = { config: config ?? EMPTY, overlays: overlays.slice(0, i + 1) };
    steps.push({ at: ["nixpkgs", "overlays", i], option: "overlay", ...some });
  }
  return steps;
}

/**
 * Finds the option that breaks each failing part: the part can be evaluated without the option, and fails with it.
 * Parts that fail without any option are left out.
 */
async function culpritsOf(failing: Part[], steps: Step[], evaluate: Evaluation): Promise<Map<Part, Step>> {
  const culprits = new Map<Part, Step>();
  let left = failing;
  for (const [i, step] of steps.slice(1).entries()) {
    if (left.length === 0) break;
    const before = await evaluate.with(steps[i] ?? step).outcomes(left);
    left = left.filter((_, j) => before[j]?.facts?.missing === null && before[j].failure === undefined);
    const last = i + 2 === steps.length;
    const after = last ? [] : await evaluate.with(step).outcomes(left);
    for (const [j, part] of left.entries()) if (last || after[j]?.failure !== undefined) culprits.set(part, step);
    left = left.filter((part) => !culprits.has(part));
  }
  return culprits;
}

function optionDiagnostic(
  compiled: Compiled,
  platform: string,
  { culprit: { at, option }, outcome, part }: { culprit: Step; outcome: Outcome; part: Part },
): Diagnostic {
  const { place, text } = placed(compiled, at);
  const name = part.value === null || "nix" in part.value ? null : part.value.attribute.map(attributeText).join(".");
  const parameters = { option: option ?? "configuration", name, message: outcome.failure ?? "" };
  const related = part.uses.map((use) => ({ ...compiled.locate(use.at, use.image), message: "used here" }));
  return diagnostic(
    "failing-option",
    lineIn(place, text, outcome.line ?? ""),
    { ...parameters, platform: shownPlatform(platform) },
    { related },
  );
}

/** The distinct parts of all images: many lists name the same packages. */
function partsOf(images: ImageSpec[]): Part[] {
  const parts = new Map<string, Part>();
  for (const image of images) {
    const platforms = image.platforms.length === 0 ? [HOST] : image.platforms.map(platformText);
    for (const platform of platforms)
      for (const use of usesOf(image)) {
        const key = JSON.stringify([platform, use.value]);
        const part = parts.get(key);
        if (part !== undefined) part.uses.push(use);
        else parts.set(key, { id: parts.size + 1, platform, value: use.value, force: "path", uses: [use] });
      }
  }
  return [...parts.values()];
}

async function packageSetDiagnostic(
  compiled: Compiled,
  evaluate: Evaluation,
  platform: string,
  whole: Outcome,
): Promise<Diagnostic> {
  const { spec, options, locate } = compiled;
  const place = locate(["nixpkgs"]);
  const isLookup = spec.nixpkgs.place === null && options.nixpkgs === undefined;
  if (isLookup && !(await evaluate.hasLookup())) return diagnostic("no-package-set", place, {});
  const parameters = { message: setFailure(whole) ?? "", platform: shownPlatform(platform) };
  for (const { at, option, ...step } of stepsOf(spec.nixpkgs)) {
    const [outcome = {}] = await evaluate.with(step).outcomes([setOf(platform)]);
    const message = setFailure(outcome);
    if (message === undefined) continue;
    if (option === null) break;
    const { place: own, text } = placed(compiled, at);
    const line = lineIn(own, text, outcome.line ?? "");
    return diagnostic("failing-option", line, { ...parameters, message, option, name: null });
  }
  return diagnostic("failing-package-set", place, parameters);
}

/** The diagnostics of one use of a part. `text`: the source text of the use. */
export function partDiagnostics(
  { value, kind }: Pick<Use, "value" | "kind">,
  platform: string,
  { facts, failure, line }: Outcome,
  { place, text }: { place: Place; text: string },
  options: Pick<PackageSetOptions, "allowUnfree" | "allowInsecure">,
): Diagnostic[] {
  const name = "nix" in value ? null : value.attribute.map(attributeText).join(".");
  if (facts?.missing != null && "attribute" in value) return [unknownPackage(value.attribute, facts, place, text)];
  if (failure !== undefined) {
    const found = facts?.package;
    const refused =
      found == null ? [] : refusals(found, { name: name ?? found.name ?? "this", place, platform }, options);
    if (refused.length > 0) return refused;
    const by = name === null ? "this expression" : `\`${name}\``;
    const inputs = (facts?.needs ?? []).flatMap((each) =>
      refusals(each, { name: each.pname ?? each.name ?? "a package", by, place, platform }, options),
    );
    if (inputs.length > 0) return inputs;
    const parameters = { message: failure, platform: shownPlatform(platform) };
    return name === null
      ? [diagnostic("failing-expression", lineIn(place, text, line ?? ""), parameters)]
      : [diagnostic("failing-package", place, { name, ...parameters })];
  }
  if (facts === undefined || kind === "base" || ["package", "string", "path"].includes(facts.kind)) return [];
  return [diagnostic("not-a-package", place, { name, kind: facts.kind, parameters: facts.arguments })];
}

/** Narrows the place of Nix code with several lines to one of its lines. */
function lineIn(place: Place, text: string, line: string): Place {
  const lines = text.split("\n");
  // imgspec writes Nix's `${` with two quotes before it.
  const same = lines.filter((each) => each.replaceAll("''${", "${").trim() === line.trim());
  const [source = ""] = same;
  if (lines.length === 1 || same.length !== 1 || line.trim() === "") return place;
  const start = place.span.start + text.indexOf(source) + source.length - source.trimStart().length;
  return { ...place, span: { start, end: start + source.trim().length } };
}

/**
 * The diagnostics of a package that nixpkgs refuses, from `meta`, except for reasons that the set's options already
 * allow.
 */
function refusals(
  found: Package,
  { name, by, place, platform }: { name: string; by?: string; place: Place; platform: string },
  { allowUnfree, allowInsecure }: Pick<PackageSetOptions, "allowUnfree" | "allowInsecure">,
): Diagnostic[] {
  const { license, vulnerabilities, pname, name: full } = found;
  const all: Diagnostic[] = [];
  if (found.unfree && allowUnfree !== "all" && !allowUnfree.includes(pname ?? ""))
    all.push(diagnostic("unfree-package", place, { name, by, license, allowed: pname ?? name }));
  if (found.insecure && !allowInsecure.includes(full ?? ""))
    all.push(diagnostic("insecure-package", place, { name, by, vulnerabilities, allowed: full ?? name }));
  if (found.broken) all.push(diagnostic("broken-package", place, { name, by }));
  if (found.unsupported)
    all.push(diagnostic("unsupported-package", place, { name, by, platform: shownPlatform(platform) }));
  return all;
}

function shownPlatform(platform: string): string | undefined {
  return platform === HOST ? undefined : platform;
}

function unknownPackage(
  attribute: string[],
  { missing, names, depth }: Facts,
  place: Place,
  source: string,
): Diagnostic {
  const near = nearest(missing ?? "", names, MOST_NEAR);
  const [first] = near;
  const set = attribute.slice(0, depth);
  const parameters = { name: missing ?? "", set: set.join("."), near };
  if (first === undefined) return diagnostic("unknown-package", place, parameters);
  const path = [...set, first, ...attribute.slice(depth + 1)].map(attributeText).join(".");
  const text = source.startsWith("${") ? `\${${path}}` : path;
  const fix = { title: `write \`${path}\``, edits: [{ ...place, text }] };
  return diagnostic("unknown-package", place, parameters, { fix });
}
