/** Shows what Nix is doing: what is under way on a terminal, and a line for each build that took its time. */
import type { NixEvent } from "../../nix/log.ts";
import { nameOf } from "../../store/store-path.ts";
import { Screen, type Stream } from "./screen.ts";

interface Activity {
  name: string;
  label: string;
  started: number;
}

/** The level of warnings, as Nix numbers it. */
const WARNING = 1;

export class BuildProgress {
  readonly #screen: Screen;
  readonly #active = new Map<number, Activity>();
  readonly #logs: boolean;
  readonly #derivations: string[] = [];
  #hasFailed = false;

  /** `logs`: what builders say is shown, as Nix's `-L` does. */
  constructor(stream: Stream, { logs = false } = {}) {
    this.#logs = logs;
    this.#screen = new Screen(stream, () => [...this.#active.values()].map(({ label }) => `  ${label}`));
  }

  readonly on = (event: NixEvent): void => {
    switch (event.kind) {
      case "build": {
        this.#derivations.push(event.derivation);
        const where = event.machine === "" ? "" : ` on ${event.machine}`;
        this.#start(event.id, event.derivation, `building ${nameOf(event.derivation)}${where}`);
        break;
      }
      case "fetch":
        this.#start(event.id, event.path, `fetching ${nameOf(event.path)}`);
        break;
      case "phase": {
        const activity = this.#active.get(event.id);
        if (activity === undefined) break;
        const building = activity.label.replace(/ \(\w+Phase\)$/, "");
        // Our builders say what they do in words, others which of the usual phases they are in.
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

  /** Shows warnings and traces. Errors are collected elsewhere, and so are the lines that Nix adds to its last error. */
  #message({ level, text, raw }: Extract<NixEvent, { kind: "message" }>): void {
    if (level === 0 && raw !== undefined) this.#hasFailed = true;
    // A daemon's errors come without `raw`, and name a derivation.
    const isTrace = level === 0 && raw === undefined && !this.#derivations.some((path) => text.includes(path));
    if (level === WARNING || (isTrace && !this.#hasFailed)) this.#screen.line(text);
  }

  /** A line that stays. */
  line(text: string): void {
    this.#screen.line(text);
  }

  end(): void {
    this.#screen.end();
  }

  #start(id: number, path: string, label: string): void {
    this.#active.set(id, { name: nameOf(path), label, started: Date.now() });
    this.#screen.draw(true);
  }
}
