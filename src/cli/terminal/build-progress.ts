/** Shows the progress of Nix on a terminal: a status of layers, builds and fetches; a line for each long build or fetch. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { LayerSource } from "../../app/reporter.ts";
import { parseHashingPhase } from "../../layer/hashing.ts";
import type { NixEvent } from "../../nix/log.ts";
import { derivationName } from "../../store/store-path.ts";
import { sizeText, timeText } from "../../util/quantities.ts";
import { Screen, type Stream } from "./screen.ts";

interface Activity {
  name: string;
  kind: "build" | "fetch";
  /** The text in the status. */
  label: string;
  derivation: string;
  started: number;
  /** Whether the builder is a program of imgc. */
  isOwn: boolean;
}

type Counter = Extract<NixEvent, { kind: "count" }>["of"];

interface Source {
  output: string;
  /** The number of layers; 1 until the number is known. */
  layers: number;
  done: number;
}

/** Nix's number for the log level of warnings. */
const WARNING = 1;
/** The most activities shown below the counts. */
const SHOWN = 4;
/** Milliseconds after which a build of a package, or a fetch, leaves a line. */
const LONG = 1000;

export class BuildProgress {
  readonly #screen: Screen;
  readonly #isTerminal: boolean;
  readonly #logs: boolean;
  readonly #idle: string;
  readonly #active = new Map<number, Activity>();
  readonly #sources = new Map<string, Source>();
  /** The hashed bytes of each derivation. */
  readonly #hashed = new Map<string, number>();
  /** Nix's counts: [done, expected]. */
  readonly #counts: Record<Counter, [done: number, expected: number]> = { builds: [0, 0], copies: [0, 0] };
  readonly #counters = new Map<number, Counter>();
  readonly #derivations: string[] = [];
  #hasFailed = false;

  /** `logs`: show the builders' output, as `nix build -L` does. `idle`: the status before the first counts. */
  constructor(stream: Stream, { logs = false, idle = "evaluating" } = {}) {
    this.#isTerminal = stream.isTTY === true;
    this.#logs = logs;
    this.#idle = idle;
    this.#screen = new Screen(stream, () => this.#status());
  }

  readonly on = (event: NixEvent): void => {
    switch (event.kind) {
      case "build": {
        this.#derivations.push(event.derivation);
        const where = event.machine === "" ? "" : ` on ${event.machine}`;
        const name = derivationName(event.derivation);
        this.#start(event.id, { name, kind: "build", label: `building ${name}${where}`, derivation: event.derivation });
        break;
      }
      case "fetch": {
        const name = derivationName(event.path);
        this.#start(event.id, { name, kind: "fetch", label: `fetching ${name}`, derivation: "" });
        break;
      }
      case "count":
        this.#counters.set(event.id, event.of);
        break;
      case "progress": {
        const counter = this.#counters.get(event.id);
        if (counter !== undefined) this.#counts[counter] = [event.done, event.expected];
        break;
      }
      case "phase":
        this.#phase(event.id, event.phase);
        break;
      case "hook":
        this.#screen.line(event.line);
        break;
      case "message":
        this.#message(event);
        break;
      case "stop":
        this.#stop(event.id);
        break;
      case "log":
        if (this.#logs) this.#screen.line(`${this.#active.get(event.id)?.name ?? ""}> ${event.line}`);
        break;
      case "image":
        break;
    }
    this.#screen.draw();
  };

  /** The layers of an image are known: counts those that need no build. */
  layers(sources: LayerSource[]): void {
    for (const { derivation, output } of sources) {
      if (this.#sources.has(derivation)) continue;
      const layers = layersOf(output);
      this.#sources.set(derivation, { output, layers: layers ?? 1, done: layers ?? 0 });
    }
  }

  #status(): string[] {
    const sources = [...this.#sources.values()];
    const sum = (of: (source: Source) => number) => sources.reduce((total, source) => total + of(source), 0);
    const hashed = [...this.#hashed.values()].reduce((total, bytes) => total + bytes, 0);
    const [built, builds] = this.#counts.builds;
    const [fetched, fetches] = this.#counts.copies;
    const facts = [
      ...(sources.length > 0 ? [`${sum(({ done }) => done)} of ${sum(({ layers }) => layers)} layers`] : []),
      ...(hashed > 0 ? [`${sizeText(hashed)} hashed`] : []),
      ...(builds > 0 ? [`${built} of ${builds} builds`] : []),
      ...(fetches > 0 ? [`${fetched} of ${fetches} fetched`] : []),
    ];
    const running = [...this.#active.values()];
    const now = Date.now();
    return [
      `${facts.length === 0 ? this.#idle : facts.join(", ")}  ${timeText(this.#screen.elapsed)}`,
      ...running.slice(0, SHOWN).map(({ label, started }) => `  ${label}  ${timeText(now - started)}`),
      ...(running.length > SHOWN ? [`  and ${running.length - SHOWN} more`] : []),
    ];
  }

  #phase(id: number, phase: string): void {
    const activity = this.#active.get(id);
    if (activity === undefined) return;
    // imgc's builders report a sentence, stdenv's the name of a phase.
    if (/^\w+Phase$/.test(phase)) {
      activity.label = `${activity.label.replace(/ \(\w+Phase\)$/, "")} (${phase})`;
      return;
    }
    activity.isOwn = true;
    const hashing = parseHashingPhase(phase);
    if (hashing === undefined) {
      activity.label = phase;
      return;
    }
    const { label, layer, of, bytes } = hashing;
    activity.label = `hashing ${label}${of === 1 ? "" : `, layer ${layer} of ${of}`}, ${sizeText(bytes)}`;
    this.#hashed.set(activity.derivation, bytes);
    const source = this.#sources.get(activity.derivation);
    if (source !== undefined) Object.assign(source, { layers: of, done: layer - 1 });
  }

  #stop(id: number): void {
    const activity = this.#active.get(id);
    if (activity === undefined) return;
    this.#active.delete(id);
    const { kind, name, derivation, started, isOwn } = activity;
    const took = Date.now() - started;
    const source = this.#sources.get(derivation);
    if (source !== undefined) {
      source.layers = layersOf(source.output) ?? source.layers;
      source.done = source.layers;
    }
    if (this.#isTerminal && !isOwn && took >= LONG)
      this.#screen.line(`${kind === "build" ? "built" : "fetched"} ${name}: ${timeText(took)}`);
  }

  /**
   * Shows warnings and traces. Errors, and messages after Nix's first error, are not shown here: src/nix/build-log.ts
   * collects them.
   */
  #message({ level, text, raw }: Extract<NixEvent, { kind: "message" }>): void {
    if (level === 0 && raw !== undefined) this.#hasFailed = true;
    // Traces have no `raw` member. Errors of a daemon have none either, but name a derivation.
    const isTrace = level === 0 && raw === undefined && !this.#derivations.some((path) => text.includes(path));
    if (level === WARNING || (isTrace && !this.#hasFailed)) this.#screen.line(text);
  }

  /** Prints a permanent line. */
  line(text: string): void {
    this.#screen.line(text);
  }

  /** Erases the status. */
  erase(): void {
    this.#screen.erase();
  }

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
  }

  #start(id: number, activity: Omit<Activity, "started" | "isOwn">): void {
    this.#active.set(id, { ...activity, started: Date.now(), isOwn: false });
  }
}

/** The number of layers whose recipes an output has: a file, or a folder with several. Undefined if it does not exist. */
function layersOf(output: string): number | undefined {
  const found = statSync(output, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return found.isDirectory() ? readdirSync(join(output, "layers")).length : 1;
}
