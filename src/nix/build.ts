/** `nix build` of an expression: its outputs, what it had to build for them, and why it could not. */
import * as z from "zod/mini";
import { runTool, ToolError } from "../tool/run.ts";
import { parseLog, type NixEvent } from "./log.ts";
import { nameOf } from "./store-path.ts";

/** Something that was built, not found. */
export interface BuiltDerivation {
  derivation: string;
  name: string;
  /** The last thing its builder said it was doing; "" where it said nothing. */
  phase: string;
  /** The remote builder that made it, "" for this machine. */
  machine: string;
}

export interface BuildRequest {
  /** A Nix expression, or a function whose arguments all have defaults. */
  expression: string;
  /** Attributes of it; none: all of it. */
  attributes?: string[];
  /** Options of `nix build`, as it takes them. */
  options: string[];
  signal?: AbortSignal | undefined;
  env?: Record<string, string>;
  onEvent?: (event: NixEvent) => void;
}

export interface BuildResult {
  /** Store paths, one for each attribute. */
  outputs: string[];
  built: BuiltDerivation[];
}

/**
 * The build failed; the message is for the user. `finding`: what was asked for is wrong (the expression, or what one of
 * our builders found in it), rather than that a tool or a package's own build failed.
 */
export class BuildFailure extends Error {
  readonly finding: boolean;
  /** Names of the derivations that failed. */
  readonly derivations: string[];
  /** What our own functions say it is about: `base`, of `imgc[base]: …`. */
  readonly subject: string | undefined;

  constructor(message: string, finding: boolean, derivations: string[] = [], subject?: string) {
    super(message);
    this.finding = finding;
    this.derivations = derivations;
    this.subject = subject;
  }
}

const Outputs = z.array(z.object({ outputs: z.record(z.string(), z.string()) }));
/** How much of a failing builder's talk is shown. */
const SHOWN_LINES = 20;

export async function nixBuild(request: BuildRequest): Promise<BuildResult> {
  const { expression, attributes = [], options, ...rest } = request;
  const args = ["build", "--json", "-f", "-", ...attributes, ...options];
  const { stdout, built } = await nixCommand(args, { ...rest, input: expression });
  const outputs = Outputs.parse(JSON.parse(stdout));
  return { outputs: outputs.map((each) => Object.values(each.outputs)[0] ?? ""), built };
}

export interface NixOptions {
  signal?: AbortSignal | undefined;
  env?: Record<string, string>;
  input?: string;
  onEvent?: (event: NixEvent) => void;
}

/** Runs any command of `nix` that builds. Fails with a `BuildFailure`, or a `ToolError` where Nix is not there. */
export async function nixCommand(
  args: string[],
  { onEvent, ...options }: NixOptions,
): Promise<{ stdout: string; built: BuiltDerivation[] }> {
  const log = new BuildLog();
  // Behind the user's options: some of those, such as -L, choose another format.
  const fixed = ["--extra-experimental-features", "nix-command", "--log-format", "internal-json"];
  try {
    const stdout = await runTool("nix", [...args, ...fixed], {
      ...options,
      onErrorLine: (line) => {
        const event = parseLog(line);
        if (event === undefined) return;
        log.add(event);
        onEvent?.(event);
      },
    });
    return { stdout, built: [...log.built.values()] };
  } catch (error) {
    throw error instanceof ToolError ? (log.failure() ?? error) : error;
  }
}

/** What a build's events add up to. */
class BuildLog {
  readonly built = new Map<number, BuiltDerivation>();
  readonly #lines = new Map<number, string[]>();
  readonly #errors: Extract<NixEvent, { kind: "message" }>[] = [];

  add(event: NixEvent): void {
    if (event.kind === "build") {
      const { id, derivation, machine } = event;
      this.built.set(id, { derivation, name: nameOf(derivation), phase: "", machine });
    } else if (event.kind === "phase") {
      const derivation = this.built.get(event.id);
      if (derivation !== undefined) derivation.phase = event.phase;
    } else if (event.kind === "log") {
      const lines = this.#lines.get(event.id) ?? [];
      this.#lines.set(event.id, [...lines, event.line].slice(-SHOWN_LINES));
    } else if (event.kind === "message" && event.level === 0) this.#errors.push(event);
  }

  failure(): BuildFailure | undefined {
    const failed = this.#failedBuilds();
    if (failed.length > 0) {
      const reports = failed.map(({ text }) => text);
      return new BuildFailure(
        reports.join("\n"),
        failed.every(({ finding }) => finding),
        failed.map(({ name }) => name),
      );
    }
    const [first] = this.#errors.filter(({ raw }) => !raw.startsWith("(use '--show-trace'"));
    if (first === undefined) return undefined;
    const [, subject, own] = /^imgc(?:\[(\w+)\])?: (.*)/s.exec(first.raw) ?? [];
    return new BuildFailure(own ?? first.text.replace(/^error: /, ""), own !== undefined || first.placed, [], subject);
  }

  #failedBuilds(): { name: string; text: string; finding: boolean }[] {
    const failed = this.#errors.flatMap(({ raw }) => {
      const [, derivation, how = ""] = /^builder for '([^']+)' failed(.*)/.exec(raw) ?? [];
      return derivation === undefined ? [] : [{ derivation, how }];
    });
    return failed.map(({ derivation, how }) => {
      const name = nameOf(derivation);
      const [id] = [...this.built].find(([, each]) => each.derivation === derivation) ?? [];
      const lines = (id === undefined ? undefined : this.#lines.get(id)) ?? [];
      const own = lines.findIndex((line) => line.startsWith("imgc: "));
      if (own !== -1) return { name, text: lines.slice(own).join("\n").slice("imgc: ".length), finding: true };
      const talk = lines.map((line) => `  ${line}\n`).join("");
      const more = `  (\`nix log ${derivation}\` shows all it said)`;
      return { name, text: `${name} failed to build${how.split(";")[0]}\n${talk}${more}`, finding: false };
    });
  }
}
