/** Collects the started builds, and the reasons of failed builds, from the events of Nix's log. */
import { isFinding, parseFindings, type Finding } from "../diagnostics/finding.ts";
import { ownAction } from "../store/derivation.ts";
import type { BuildFacts } from "./build-facts.ts";
import type { NixEvent, NixPlace } from "./log.ts";
import { shortenValues } from "./shorten-values.ts";
import { derivationName } from "../store/store-path.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/**
 * A derivation whose build was started. If the command succeeds, the derivation was built, not found in the store or in
 * a cache.
 */
export interface BuiltDerivation {
  derivation: string;
  name: string;
  /** The last phase that its builder reported; "" if there was none. */
  phase: string;
  /** The remote builder; "" for this machine. */
  machine: string;
}

/** A derivation that could not be built. */
export interface FailedBuild {
  derivation: string;
  name: string;
  /** Nix's message. */
  reason: string;
  /** The last lines of the builder's log. */
  lines: string[];
}

export interface Failure {
  /** Findings in the user's input, from Nix functions and builders of imgc. */
  findings: Finding[];
  /** The failed derivations without findings. */
  builds: FailedBuild[];
  /** Nix's own error without its trace, if there are neither findings nor failed builds. */
  error?: { message: string; place: NixPlace | undefined } | undefined;
  /** The options that name the store, for `nix log`. */
  store?: string[];
}

/** The build failed; the message is for the user. */
export class BuildFailure extends ImgcError implements Failure {
  readonly findings: Finding[];
  readonly builds: FailedBuild[];
  readonly error: Failure["error"];
  readonly store: string[];

  constructor({ findings, builds, error, store = [] }: Failure) {
    super(
      EXIT.environment,
      [...findings.map(({ message }) => message), ...reports({ builds, error, store })].join("\n"),
    );
    this.findings = findings;
    this.builds = builds;
    this.error = error;
    this.store = store;
  }

  /** A text for each failure that is not a finding. */
  get reports(): string[] {
    return reports(this);
  }
}

function reports({ builds, error, store }: Pick<BuildFailure, "builds" | "error" | "store">): string[] {
  return [...builds.map((build) => buildReport(build, store)), ...(error === undefined ? [] : [error.message])];
}

function buildReport({ derivation, name, reason, lines }: FailedBuild, store: string[]): string {
  const command = ["nix", "log", ...store, derivation].join(" ");
  const below = [...lines, `(\`${command}\` shows the whole log)`].map((line) => `  ${line}`);
  return [`${name} failed to build: ${reason}`, ...below].join("\n");
}

/** The number of lines kept from the end of a builder's log. */
const SHOWN_LINES = 20;
/** The most lines kept from the first finding of a builder's log on. */
const MOST_FINDING_LINES = 10_000;
/** The number of lines shown of Nix's message about a failed build. */
const REASON_LINES = 6;

/** The kept lines of a builder's log: `last` has the end of the log, `findings` the lines from the first finding on. */
interface BuilderLog {
  last: string[];
  findings: string[];
}

type NixMessage = Extract<NixEvent, { kind: "message" }>;

/** Collects the events of one Nix command: started builds, log lines and errors. */
export class BuildLog {
  readonly built = new Map<number, BuiltDerivation>();
  readonly #logs = new Map<number, BuilderLog>();
  readonly #messages: NixMessage[] = [];

  add(event: NixEvent): void {
    if (event.kind === "build") {
      const { id, derivation, machine } = event;
      this.built.set(id, { derivation, name: derivationName(derivation), phase: "", machine });
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

  /**
   * The reasons why a Nix command failed. `facts`: the facts of the started builds, by derivation. Undefined if no
   * build failed and Nix itself reported no error.
   */
  failure(facts: ReadonlyMap<string, BuildFacts>): Omit<Failure, "store"> | undefined {
    const findings: Finding[] = [];
    const builds: FailedBuild[] = [];
    for (const { id, derivation, name, message } of this.#failed(facts)) {
      const log = this.#logs.get(id) ?? { last: [], findings: [] };
      const own = facts.get(derivation);
      // Only programs of imgc report findings. The log of another program may have lines that look like findings.
      const isOwn = own !== undefined && ownAction(own) !== undefined;
      if (isOwn && log.findings.length > 0) findings.push(...parseFindings(log.findings.join("\n")));
      else builds.push({ derivation, name, reason: reasonOf(message, own?.outputs ?? []), lines: log.last });
    }
    if (findings.length > 0 || builds.length > 0) return { findings, builds };
    const error = this.#error();
    if (error?.raw === undefined) return undefined;
    // Nix functions of imgc throw findings.
    const thrown = isFinding(error.raw.split("\n")[0] ?? "") ? parseFindings(error.raw) : [];
    return thrown.length > 0
      ? { findings: thrown, builds: [] }
      : { findings: [], builds: [], error: { message: shortenValues(error.raw), place: error.place } };
  }

  /**
   * The failed builds. If all outputs of a build are in the store, the build did not fail. When one build fails, Nix
   * stops the others without a message. So if errors name some of the remaining builds, only these builds failed. If
   * errors name none of them, all builds with a missing output failed.
   */
  #failed(facts: ReadonlyMap<string, BuildFacts>): { id: number; derivation: string; name: string; message: string }[] {
    const last = new Map([...this.built].map(([id, { derivation, name }]) => [derivation, { id, derivation, name }]));
    const candidates = [...last.values()].flatMap((build) => {
      const own = facts.get(build.derivation);
      const names = [build.derivation, ...(own?.outputs ?? [])];
      const error = this.#messages.find(({ text }) => names.some((name) => text.includes(name)));
      return own?.isMissing === false ? [] : [{ ...build, isMissing: own?.isMissing === true, error }];
    });
    const named = candidates.filter(({ error }) => error !== undefined);
    const failed = named.length > 0 ? named : candidates.filter(({ isMissing }) => isMissing);
    return failed.map(({ error = this.#error(), ...build }) => ({
      ...build,
      message: error?.raw ?? error?.text ?? "",
    }));
  }

  /** The first error of the Nix command itself, not of a daemon. */
  #error(): NixMessage | undefined {
    return this.#messages.find(({ raw }) => raw !== undefined);
  }
}

/**
 * Nix's message about a failed build, in one line. If the hash of a fixed output differs, the message contains both
 * hashes. Some versions of Nix also list the derivation's outputs and the last log lines. Both lists are removed with
 * their headings, and so is all text after the log lines.
 */
function reasonOf(message: string, outputs: readonly string[]): string {
  const lines = message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const log = lines.findIndex((line) => line.startsWith("> "));
  const own = log < 0 ? lines : lines.slice(0, Math.max(log - 1, 0));
  const isOutput = (line: string | undefined) => line !== undefined && outputs.includes(line);
  const kept = own.filter((line, i) => !isOutput(line) && !isOutput(own[i + 1]));
  const text = kept
    .slice(0, REASON_LINES)
    .join(" ")
    .replace(/^error: /, "")
    .replace(/;$/, "");
  return text === "" ? "Nix reports no reason" : text;
}
