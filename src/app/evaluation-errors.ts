/**
 * Finds the parts of a spec that cannot be evaluated, by evaluating each package and expression by itself. One Nix process
 * evaluates all; each failure that Nix cannot catch costs one more process.
 */
import * as z from "zod/mini";
import { compileProbes, HOST, needed, usesOf, type Probe, type Use } from "../compile/index.ts";
import { diagnostic, type Diagnostic, type Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { platformText, type PackageSetOptions } from "../language/index.ts";
import type { ImageSpec } from "../language/schema/spec.ts";
import { BuildFailure } from "../nix/build-log.ts";
import { nixCommand } from "../nix/build.ts";
import type { NixEvent } from "../nix/log.ts";
import { writtenName } from "../packages/index.ts";
import type { Compiled } from "./compile.ts";

const Package = z.object({
  name: z.nullable(z.string()),
  pname: z.nullable(z.string()),
  unfree: z.boolean(),
  insecure: z.boolean(),
  broken: z.boolean(),
  license: z.nullable(z.string()),
  vulnerabilities: z.array(z.string()),
});
/** The facts that nix/probe.nix returns. */
const Facts = z.object({
  id: z.number(),
  kind: z.string(),
  /** The first missing name of an attribute path, and the names that exist at that level. */
  missing: z.nullable(z.string()),
  names: z.array(z.string()),
  /** The number of names before the missing one. */
  depth: z.number(),
  package: z.nullable(Package),
  arguments: z.array(z.string()),
});
type Facts = z.infer<typeof Facts>;

/** A part of the spec, with all its places. */
interface Part extends Probe {
  uses: Use[];
}

/** The result of evaluating a part: its facts, and the message if it failed. */
interface Outcome {
  facts?: Facts;
  failure?: string;
  /** The line of the part's expression that failed, if Nix names one. */
  line?: string | undefined;
}

/** The number of similar names in a message. */
const MOST_NEAR = 3;
/** The number of failures that are searched for, at one or two processes each. */
const MOST_FAILURES = 20;
/** Stands for none, where Nix fails before it looks at one. */
const NO_PROBE = -1;
/** The names of probes in traces. */
const TRACE = /\bimgc probe (\d+)$/;

/** A diagnostic for each failing part; none if every part evaluates by itself. `settings`: options of the evaluation. */
export async function evaluationErrors(
  compiled: Compiled,
  settings: string[],
  signal: AbortSignal | undefined,
): Promise<Diagnostic[]> {
  const { spec, options } = compiled;
  const evaluate = new Evaluation(compiled, settings, signal);
  const parts = partsOf(needed(spec.images, options.image));
  const found: Diagnostic[] = [];
  for (const platform of new Set([HOST, ...parts.map((part) => part.platform)])) {
    const all = parts.filter((part) => part.platform === platform);
    const [set = {}, ...outcomes] = await evaluate.outcomes([{ id: 0, platform, value: null, isForced: true }, ...all]);
    if (set.failure !== undefined || (set.facts !== undefined && set.facts.kind !== "set"))
      return [await packageSetDiagnostic(compiled, evaluate, platform, set)];
    for (const [i, part] of all.entries())
      for (const use of part.uses) {
        const place = compiled.locate(use.at, use.image);
        const text = compiled.sources.get(place.file)?.text.slice(place.span.start, place.span.end) ?? "";
        found.push(...partDiagnostics(use, platform, outcomes[i] ?? {}, { place, text }, spec.nixpkgs));
      }
  }
  return found;
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
        else parts.set(key, { id: parts.size + 1, platform, value: use.value, isForced: true, uses: [use] });
      }
  }
  return [...parts.values()];
}

class Evaluation {
  readonly #compiled: Compiled;
  readonly #settings: string[];
  readonly #signal: AbortSignal | undefined;

  constructor(compiled: Compiled, settings: string[], signal: AbortSignal | undefined) {
    [this.#compiled, this.#settings, this.#signal] = [compiled, settings, signal];
  }

  /** The outcomes of parts of one platform, in the order of `parts`. */
  async outcomes(parts: Probe[]): Promise<Outcome[]> {
    const outcomes = new Map<number, Outcome>(parts.map(({ id }) => [id, {}]));
    let asked = parts;
    for (let i = 0; i <= 2 * MOST_FAILURES && asked.length > 0; i++) {
      const result = await this.#ask(asked);
      if (result.kind === "facts") {
        for (const facts of result.facts) Object.assign(outcomes.get(facts.id) ?? {}, { facts });
        break;
      }
      const outcome = outcomes.get(result.probe);
      // The error is not about a part: Nix failed before it evaluated any.
      if (outcome === undefined) {
        const unreadable = result.isOwn ? await this.#unreadable(asked) : new Map<Probe, Outcome>();
        for (const [{ id }, found] of unreadable) Object.assign(outcomes.get(id) ?? {}, found);
        if (unreadable.size === 0 || [...unreadable.keys()].some(({ value }) => value === null)) break;
        asked = asked.filter((each) => !unreadable.has(each));
        continue;
      }
      const isFirst = outcome.failure === undefined;
      // If the package set fails, so do all its parts.
      if (asked.find(({ id }) => id === result.probe)?.value === null) {
        outcome.failure = result.message;
        break;
      }
      if (isFirst) Object.assign(outcome, { failure: result.message, line: result.line });
      // Retry the failed part without its store path; if that fails as well, drop the part.
      asked = asked.flatMap((each) =>
        each.id !== result.probe ? [each] : isFirst ? [{ ...each, isForced: false }] : [],
      );
    }
    return parts.map(({ id }) => outcomes.get(id) ?? {});
  }

  /** Of parts that Nix cannot read together, those that it cannot read alone: the set's own options, or Nix code. */
  async #unreadable(parts: Probe[]): Promise<Map<Probe, Outcome>> {
    const found = new Map<Probe, Outcome>();
    for (const part of parts) {
      if (found.size === MOST_FAILURES || (part.value !== null && "attribute" in part.value)) continue;
      const result = await this.#ask([part]);
      if (result.kind === "facts" || result.probe !== NO_PROBE) continue;
      found.set(part, { failure: result.message, line: result.line });
      if (part.value === null) break;
    }
    return found;
  }

  /** Whether `<nixpkgs>` is found. */
  async hasLookup(): Promise<boolean> {
    return (await this.#evaluate("{ found = (builtins.tryEval <nixpkgs>).success; }", "found")) === true;
  }

  async #ask(
    probes: Probe[],
  ): Promise<
    | { kind: "facts"; facts: Facts[] }
    | { kind: "failure"; probe: number; message: string; isOwn: boolean; line: string | undefined }
  > {
    const { spec, options } = this.#compiled;
    const expression = compileProbes(spec, options, probes);
    let probe = NO_PROBE;
    const onEvent = (event: NixEvent) => {
      const [, id] = (event.kind === "message" && TRACE.exec(event.text)) || [];
      if (id !== undefined) probe = Number(id);
    };
    try {
      const json = await this.#evaluate(expression, probes[0]?.platform ?? HOST, onEvent);
      return { kind: "facts", facts: z.array(Facts).parse(json) };
    } catch (error) {
      if (!(error instanceof BuildFailure)) throw error;
      const place = error.error?.place;
      const isOwn = place?.file.startsWith("«stdin»") === true || place?.file === expression;
      const line = isOwn ? expression.split("\n")[place.line - 1] : undefined;
      return { kind: "failure", probe, message: error.error?.message ?? error.message, isOwn, line };
    }
  }

  async #evaluate(
    expression: string,
    attribute: string,
    onEvent: (event: NixEvent) => void = () => {},
  ): Promise<unknown> {
    const args = ["eval", "--json", ...this.#settings, "-f", "-", JSON.stringify(attribute)];
    const { stdout } = await nixCommand(args, { input: expression, signal: this.#signal, onEvent });
    return JSON.parse(stdout);
  }
}

async function packageSetDiagnostic(
  { spec, options, locate }: Compiled,
  evaluate: Evaluation,
  platform: string,
  { facts, failure }: Outcome,
): Promise<Diagnostic> {
  const place = locate(["nixpkgs"]);
  const isLookup = spec.nixpkgs.place === null && options.nixpkgs === undefined;
  if (isLookup && !(await evaluate.hasLookup())) return diagnostic("no-package-set", place, {});
  const message = failure ?? `it is ${facts?.kind ?? "nothing"}, not a set of packages`;
  return diagnostic("failing-package-set", place, { message, platform: shownPlatform(platform) });
}

/** The diagnostics of one use of a part; `text`: the source text there. */
export function partDiagnostics(
  { value, kind }: Pick<Use, "value" | "kind">,
  platform: string,
  { facts, failure, line }: Outcome,
  { place, text }: { place: Place; text: string },
  options: Pick<PackageSetOptions, "allowUnfree" | "allowInsecure">,
): Diagnostic[] {
  const name = "nix" in value ? null : value.attribute.map(writtenName).join(".");
  if (facts?.missing != null && "attribute" in value) return [unknownPackage(value.attribute, facts, place, text)];
  if (failure !== undefined) {
    const found = facts?.package;
    const refused = found == null ? [] : refusals(found, name ?? found.name ?? "this", place, options);
    if (refused.length > 0) return refused;
    const parameters = { message: failure, platform: shownPlatform(platform) };
    return name === null
      ? [diagnostic("failing-expression", lineIn(place, text, line ?? ""), parameters)]
      : [diagnostic("failing-package", place, { name, ...parameters })];
  }
  if (facts === undefined || kind === "base" || ["package", "string", "path"].includes(facts.kind)) return [];
  return [diagnostic("not-a-package", place, { name, kind: facts.kind, parameters: facts.arguments })];
}

/** The place of one line of Nix code, if the code has several lines. */
function lineIn(place: Place, text: string, line: string): Place {
  const lines = text.split("\n");
  // imgspec writes Nix's `${` with two quotes before it.
  const same = lines.filter((each) => each.replaceAll("''${", "${").trim() === line.trim());
  const [written = ""] = same;
  if (lines.length === 1 || same.length !== 1 || line.trim() === "") return place;
  const start = place.span.start + text.indexOf(written) + written.length - written.trimStart().length;
  return { ...place, span: { start, end: start + written.trim().length } };
}

/** The reasons in `meta` why nixpkgs refuses a package, except those that the set's options already allow. */
function refusals(
  found: z.infer<typeof Package>,
  name: string,
  place: Place,
  { allowUnfree, allowInsecure }: Pick<PackageSetOptions, "allowUnfree" | "allowInsecure">,
): Diagnostic[] {
  const { license, vulnerabilities, pname, name: full } = found;
  const all: Diagnostic[] = [];
  if (found.unfree && allowUnfree !== "all" && !allowUnfree.includes(pname ?? ""))
    all.push(diagnostic("unfree-package", place, { name, license, allowed: pname ?? name }));
  if (found.insecure && !allowInsecure.includes(full ?? ""))
    all.push(diagnostic("insecure-package", place, { name, vulnerabilities, allowed: full ?? name }));
  if (found.broken) all.push(diagnostic("broken-package", place, { name }));
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
  const path = [...set, first, ...attribute.slice(depth + 1)].map(writtenName).join(".");
  const text = source.startsWith("${") ? `\${${path}}` : path;
  const fix = { title: `write \`${path}\``, edits: [{ ...place, text }] };
  return diagnostic("unknown-package", place, parameters, { fix });
}
