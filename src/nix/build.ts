/** `nix build` of an expression: its outputs, what it had to build for them, and why it could not. */
import * as z from "zod/mini";
import { isFinding, parseFindings, type Finding } from "../diagnostics/finding.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { parseLog, type NixEvent, type NixPlace } from "./log.ts";
import { nameOf } from "../store/store-path.ts";

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

/** A derivation that could not be built. */
export interface FailedBuild {
  derivation: string;
  name: string;
  /** Nix's message. */
  reason: string;
  /** The last lines that its builder wrote. */
  lines: string[];
}

export interface Failure {
  /** Findings in the user's input, from Nix functions and builders of imgc. */
  findings: Finding[];
  /** The failed derivations without findings. */
  builds: FailedBuild[];
  /** Nix's own error without its trace, if there are neither findings nor failed builds. */
  error?: { message: string; place: NixPlace | undefined } | undefined;
}

/** The build failed; the message is for the user. */
export class BuildFailure extends Error implements Failure {
  readonly findings: Finding[];
  readonly builds: FailedBuild[];
  readonly error: Failure["error"];

  constructor(failure: Failure) {
    const { findings, builds, error } = failure;
    super([...findings.map(({ message }) => message), ...reports({ builds, error })].join("\n"));
    this.findings = findings;
    this.builds = builds;
    this.error = error;
  }

  /** A text for each failure that is not a finding. */
  get reports(): string[] {
    return reports(this);
  }
}

function reports({ builds, error }: Pick<Failure, "builds" | "error">): string[] {
  return [...builds.map(buildReport), ...(error === undefined ? [] : [error.message])];
}

function buildReport({ derivation, name, reason, lines }: FailedBuild): string {
  const log = lines.length === 0 ? [] : [...lines, `(\`nix log ${derivation}\` shows the whole log)`];
  return [`${name} failed to build: ${reason}`, ...log.map((line) => `  ${line}`)].join("\n");
}

const Outputs = z.array(z.object({ outputs: z.record(z.string(), z.string()) }));
/** The number of last lines shown of a failing builder's log. */
const SHOWN_LINES = 20;
/** The number of lines read of a builder that reports findings. */
const MOST_FINDING_LINES = 10_000;

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
    const failure = error instanceof ToolError ? log.failure() : undefined;
    throw failure === undefined ? error : new BuildFailure(failure);
  }
}

/** Keeps a builder's last lines, or all lines from its first finding on. */
interface BuilderLog {
  last: string[];
  findings: string[];
}

/** What a build's events add up to. */
export class BuildLog {
  readonly built = new Map<number, BuiltDerivation>();
  readonly #logs = new Map<number, BuilderLog>();
  readonly #messages: Extract<NixEvent, { kind: "message" }>[] = [];

  add(event: NixEvent): void {
    if (event.kind === "build") {
      const { id, derivation, machine } = event;
      this.built.set(id, { derivation, name: nameOf(derivation), phase: "", machine });
    } else if (event.kind === "phase") {
      const derivation = this.built.get(event.id);
      if (derivation !== undefined) derivation.phase = event.phase;
    } else if (event.kind === "log") this.#addLine(event.id, event.line);
    else if (event.kind === "message" && event.level === 0) this.#messages.push(event);
  }

  #addLine(id: number, line: string): void {
    const log = this.#logs.get(id) ?? { last: [], findings: [] };
    this.#logs.set(id, log);
    log.last.push(line);
    if (log.last.length > SHOWN_LINES) log.last.shift();
    const isPart = log.findings.length > 0 || isFinding(line);
    if (isPart && log.findings.length < MOST_FINDING_LINES) log.findings.push(line);
  }

  /** Undefined if Nix reported no error. */
  failure(): Failure | undefined {
    const findings: Finding[] = [];
    const builds: FailedBuild[] = [];
    for (const { id, derivation, name, message } of this.#failed()) {
      const log = this.#logs.get(id) ?? { last: [], findings: [] };
      if (log.findings.length > 0) findings.push(...parseFindings(log.findings.join("\n")));
      else builds.push({ derivation, name, reason: reasonOf(message), lines: log.last });
    }
    if (findings.length > 0 || builds.length > 0) return { findings, builds };
    const error = this.#messages.find(({ raw }) => raw !== undefined);
    if (error?.raw === undefined) return undefined;
    // Nix functions of imgc throw findings.
    const thrown = parseFindings(error.raw);
    return thrown.length > 0
      ? { findings: thrown, builds: [] }
      : { findings: [], builds: [], error: { message: error.raw, place: error.place } };
  }

  /** The failed builds: those whose derivation an error names. The wording of errors differs between versions. */
  #failed(): { id: number; derivation: string; name: string; message: string }[] {
    return [...this.built].flatMap(([id, { derivation, name }]) => {
      const error = this.#messages.find(({ text }) => text.includes(derivation));
      return error === undefined ? [] : [{ id, derivation, name, message: error.raw ?? error.text }];
    });
  }
}

/**
 * The start of Nix's message about a failed build, which has both hashes where they differ, without the lists that follow:
 * log lines, which only a local Nix repeats, and output paths.
 */
function reasonOf(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const listed = lines.findIndex((line) => line.startsWith("> ") || line.startsWith("/"));
  const own = listed < 0 ? lines : lines.slice(0, listed - 1);
  return own
    .filter((line) => line !== "")
    .slice(0, 3)
    .join(" ")
    .replace(/^error: /, "")
    .replace(/;$/, "");
}
