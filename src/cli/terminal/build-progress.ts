/** Shows Nix's progress: running builds and fetches on a terminal, and a line for each finished one. */
import type { NixEvent } from "../../nix/log.ts";
import { derivationName } from "../../store/store-path.ts";
import { Screen, type Stream } from "./screen.ts";

interface Activity {
  name: string;
  label: string;
  started: number;
}

/** Nix's number for the log level of warnings. */
const WARNING = 1;

export class BuildProgress {
  readonly #screen: Screen;
  readonly #active = new Map<number, Activity>();
  readonly #logs: boolean;
  readonly #derivations: string[] = [];
  #hasFailed = false;

  /** `logs`: show the builders' output, as `nix build -L` does. */
  constructor(stream: Stream, { logs = false } = {}) {
    this.#logs = logs;
    this.#screen = new Screen(stream, () => [...this.#active.values()].map(({ label }) => `  ${label}`));
  }

  readonly on = (event: NixEvent): void => {
    switch (event.kind) {
      case "build": {
        this.#derivations.push(event.derivation);
        const where = event.machine === "" ? "" : ` on ${event.machine}`;
        this.#start(event.id, event.derivation, `building ${derivationName(event.derivation)}${where}`);
        break;
      }
      case "fetch":
        this.#start(event.id, event.path, `fetching ${derivationName(event.path)}`);
        break;
      case "phase": {
        const activity = this.#active.get(event.id);
        if (activity === undefined) break;
        const building = activity.label.replace(/ \(\w+Phase\)$/, "");
        // imgc's builders report a sentence, stdenv's the name of a phase.
        activity.label = /^\w+Phase$/.test(event.phase) ? `${building} (${event.phase})` : event.phase;
        this.#screen.draw(true);
        break;
      }
      case "hook":
        this.#screen.line(event.line);
        break;
      case "message":
        this.#message(event);
        break;
      case "stop": {
        const activity = this.#active.get(event.id);
        if (activity === undefined) break;
        this.#active.delete(event.id);
        this.#screen.line(`${activity.label}: ${((Date.now() - activity.started) / 1000).toFixed(1)} s`);
        break;
      }
      case "log":
        if (this.#logs) this.#screen.line(`${this.#active.get(event.id)?.name ?? ""}> ${event.line}`);
        break;
    }
  };

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

  /** Erases the lines of running builds. */
  erase(): void {
    this.#screen.erase();
  }

  #start(id: number, path: string, label: string): void {
    this.#active.set(id, { name: derivationName(path), label, started: Date.now() });
    this.#screen.draw(true);
  }
}
