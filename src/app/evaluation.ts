/**
 * Evaluates parts of a spec separately. One Nix process evaluates all parts; each failure that `tryEval` cannot catch
 * costs up to three more processes.
 */
import * as z from "zod/mini";
import { compileProbes, HOST, type Probe } from "../compile/index.ts";
import type { PackageSetOptions } from "../language/index.ts";
import { BuildFailure } from "../nix/build-log.ts";
import { nixCommand } from "../nix/build.ts";
import type { NixEvent } from "../nix/log.ts";
import type { Compiled } from "./compile.ts";

/** The facts for which nixpkgs may refuse a package. */
const Package = z.object({
  name: z.nullable(z.string()),
  pname: z.nullable(z.string()),
  unfree: z.boolean(),
  insecure: z.boolean(),
  broken: z.boolean(),
  /** Whether the package does not support the platform. */
  unsupported: z.boolean(),
  license: z.nullable(z.string()),
  vulnerabilities: z.array(z.string()),
});
export type Package = z.infer<typeof Package>;
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
  /** The refused packages among the inputs of a package that fails. */
  needs: z.array(Package),
  arguments: z.array(z.string()),
});
export type Facts = z.infer<typeof Facts>;

/** The result of evaluating a part: its facts, and the message if it failed. */
export interface Outcome {
  facts?: Facts;
  failure?: string;
  /** Whether the evaluation failed because a build that it needs failed. */
  isBuild?: boolean;
  /** The line of the part's expression that failed, if Nix names one. */
  line?: string | undefined;
}

/** The limit of failures that are searched for, and the limit of Nix processes for each. */
const MOST_FAILURES = 20;
const PROCESSES = 3;
/** The probe number if Nix failed before it evaluated a probe. */
const NO_PROBE = -1;
/** The trace before the evaluation of a probe. */
const TRACE = /\bimgc probe (\d+)$/;

type Answer = { kind: "facts"; facts: Facts[] } | Failed;

interface Failed {
  kind: "failure";
  /** The number of the probe that was evaluated last. */
  probe: number;
  message: string;
  /** Whether the error is in the evaluated expression, and the line that Nix names. */
  isOwn: boolean;
  line: string | undefined;
  isBuild: boolean;
}

/** The same part with less to evaluate (`force` in nix/probe.nix); empty if nothing is left. */
function lessOf(part: Probe): Probe[] {
  if (part.force === null) return [];
  return [{ ...part, force: part.force === "path" ? "inputs" : null }];
}

export class Evaluation {
  readonly #compiled: Compiled;
  readonly #settings: string[];
  readonly #signal: AbortSignal | undefined;

  constructor(compiled: Compiled, settings: string[], signal: AbortSignal | undefined) {
    [this.#compiled, this.#settings, this.#signal] = [compiled, settings, signal];
  }

  /** Evaluation with other options of the package set. */
  with(options: Pick<PackageSetOptions, "config" | "overlays">): Evaluation {
    const spec = { ...this.#compiled.spec, nixpkgs: { ...this.#compiled.spec.nixpkgs, ...options } };
    return new Evaluation({ ...this.#compiled, spec }, this.#settings, this.#signal);
  }

  /** The outcomes of parts of one platform, in the order of `parts`. */
  async outcomes(parts: Probe[]): Promise<Outcome[]> {
    const outcomes = new Map<number, Outcome>(parts.map(({ id }) => [id, {}]));
    let asked = parts;
    for (let i = 0; i <= PROCESSES * MOST_FAILURES && asked.length > 0; i++) {
      const result = await this.#ask(asked);
      if (result.kind === "facts") {
        for (const facts of result.facts) Object.assign(outcomes.get(facts.id) ?? {}, { facts });
        break;
      }
      const outcome = outcomes.get(result.probe);
      // No trace: Nix failed before it evaluated a part.
      if (outcome === undefined) {
        const unreadable = result.isOwn ? await this.#unreadable(asked) : new Map<Probe, Outcome>();
        for (const [{ id }, found] of unreadable) Object.assign(outcomes.get(id) ?? {}, found);
        const set = asked.find(({ value }) => value === null);
        // The package set of another platform is evaluated before the first trace.
        if (unreadable.size === 0 && set !== undefined && set.platform !== HOST)
          Object.assign(outcomes.get(set.id) ?? {}, { failure: result.message });
        if (unreadable.size === 0 || [...unreadable.keys()].some(({ value }) => value === null)) break;
        asked = asked.filter((each) => !unreadable.has(each));
        continue;
      }
      const isFirst = outcome.failure === undefined;
      const { message, line, isBuild } = result;
      if (isFirst) Object.assign(outcome, { failure: message, line, isBuild });
      // If the package set fails, so do all its parts.
      if (asked.find(({ id }) => id === result.probe)?.value === null) break;
      // Retry the failed part with less to evaluate; if that fails as well, drop the part.
      asked = asked.flatMap((each) => (each.id === result.probe ? lessOf(each) : [each]));
    }
    return parts.map(({ id }) => outcomes.get(id) ?? {});
  }

  /**
   * Finds the parts that Nix cannot parse, by evaluating each part alone: the options of the package set, or Nix code
   * of the spec.
   */
  async #unreadable(parts: Probe[]): Promise<Map<Probe, Outcome>> {
    const found = new Map<Probe, Outcome>();
    for (const part of parts) {
      if (found.size === MOST_FAILURES || (part.value !== null && "attribute" in part.value)) continue;
      const result = await this.#ask([part]);
      if (result.kind === "facts" || result.probe !== NO_PROBE) continue;
      found.set(part, { failure: result.message, line: result.line, isBuild: result.isBuild });
      if (part.value === null) break;
    }
    return found;
  }

  /** Whether Nix finds `<nixpkgs>`. */
  async hasLookup(): Promise<boolean> {
    return (await this.#evaluate("{ found = (builtins.tryEval <nixpkgs>).success; }", "found")) === true;
  }

  async #ask(probes: Probe[]): Promise<Answer> {
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
      const builds = error.builds.map(({ name, reason }) => `${name} failed to build: ${reason}`).join("; ");
      const message = error.error?.message ?? (builds === "" ? error.message : builds);
      return { kind: "failure", probe, message, isOwn, line, isBuild: builds !== "" };
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
